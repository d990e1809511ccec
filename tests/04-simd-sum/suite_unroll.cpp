#include "support/suite.hpp"

#include <set>
#include <simd_sum.hpp>

#include "data.hpp"
#include "targets.hpp"

using namespace cacheline;

namespace {

// How many additions an element goes through, found without a clock by what rounding loses. Element
// i is a huge number, element j the same with a minus, all others are 1. Each 1 that is added to
// one of the two, or to a sum that has one of them in it, is lost until they meet and cancel out;
// so n minus the result is the size of the smallest partial sum that has both. Every addition on
// the way of element i to the result makes such a partial sum, and a larger one each time: as many
// different sizes as j can give, as many additions. (After Xie, Gao and Xue, "FPRev",
// arXiv:2411.00442.)
std::size_t additions_of(Data& ones, std::size_t i) {
    constexpr float kHuge = 0x1p120f;  // 1 is lost beside it in double as well
    std::set<float> sizes;
    ones[i] = kHuge;
    for (std::size_t j = 0; j < ones.size(); ++j) {
        if (j == i) continue;
        ones[j] = -kHuge;
        sizes.insert(static_cast<float>(ones.size()) - sum(ones.span()));
        ones[j] = 1;
    }
    ones[i] = 1;
    return sizes.size();
}

void check_independence(std::int64_t target) {
    const std::size_t lanes = lanes_of(target);
    const std::size_t n = 256 * lanes;
    Data ones(n, [](std::size_t) { return 1.0f; });
    REQUIRE(sum(ones.span()) == static_cast<float>(n));
    // The first elements and the last have the longest way in most orders, others in the rest.
    std::set<std::size_t> probes = {n - 1};
    for (std::size_t i = 0; i < 12; ++i) {
        probes.insert(i);
        probes.insert(n - 1 - i);
        probes.insert((2 * i + 1) * n / 24);
    }
    std::size_t longest_chain = 0;
    for (const std::size_t i : probes)
        longest_chain = std::max(longest_chain, additions_of(ones, i));
    INFO(n << " elements are " << n / lanes << " vectors of " << lanes
           << "; a chain is the additions that one element goes through, each after the other");
    CHECK(longest_chain <= n / (4 * lanes) + 32);
}

}  // namespace

TEST_CASE("no element waits for more than a quarter of the vectors, on the best target",
          "[unroll]") {
    WHY("each addition waits 3 to 4 cycles for the one before; with a single accumulator that is "
        "the speed of all");
    check_independence(hwy::SupportedAndGeneratedTargets().front());
}

TEST_CASE("no element waits for more than a quarter of the vectors, on every target", "[unroll]") {
    WHY("each addition waits 3 to 4 cycles for the one before; with a single accumulator that is "
        "the speed of all");
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        INFO("target: " << hwy::TargetName(target));
        const OnTargets on(target);
        check_independence(target);
    }
}
