#include "support/suite.hpp"

#include <simd_sum.hpp>

#include "support/threads.hpp"
#include "targets.hpp"

using namespace cacheline;

namespace {

// Each thread adds up ones, as many as no other thread has, so that a sum which another one had a
// hand in is the wrong one. Every length has a remainder, where a buffer might be shared.
template <typename Sum>
std::size_t wrong_sums_of_four_threads(Sum sum) {
    constexpr std::size_t kThreads = 4;
    constexpr int kRounds = 500;
    std::vector<std::size_t> wrong(kThreads);
    std::vector<std::function<void()>> threads;
    for (std::size_t i = 0; i < kThreads; ++i)
        threads.emplace_back([&wrong, sum, i] {
            const std::vector<float> ones(37 + 8 * i, 1.0F);
            for (int round = 0; round < kRounds; ++round)
                if (sum(ones) != static_cast<float>(ones.size())) ++wrong[i];
        });
    support::run_together(threads);
    std::size_t all = 0;
    for (const std::size_t one : wrong)
        all += one;
    return all;
}

}  // namespace

TEST_CASE("several threads may add in order and in pairs at once", "[scalar][tsan]") {
    WHY("a call that keeps something for the next one, such as a buffer for the remainder, mixes "
        "the "
        "sums of threads");
    CHECK(wrong_sums_of_four_threads(sum_ordered) == 0);
    CHECK(wrong_sums_of_four_threads(sum_pairwise) == 0);
}

TEST_CASE("several threads may call sum at once, on every target", "[vector][tsan]") {
    WHY("a call that keeps something for the next one, such as a buffer for the remainder, mixes "
        "the "
        "sums of threads");
    on_each_target([](std::int64_t) { REQUIRE(wrong_sums_of_four_threads(sum) == 0); });
}

TEST_CASE("several threads may call sum_compensated at once, on every target", "[accurate][tsan]") {
    WHY("a call that keeps something for the next one, such as a buffer for the remainder, mixes "
        "the "
        "sums of threads");
    on_each_target([](std::int64_t) { REQUIRE(wrong_sums_of_four_threads(sum_compensated) == 0); });
}
