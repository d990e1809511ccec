#include "support/suite.hpp"

#include <simd_sum.hpp>

#include "checks.hpp"
#include "targets.hpp"

using namespace cacheline;

namespace {

// Data whose sum is small beside its parts: half of it random, of magnitudes over `spread` powers
// of two, the other half chosen to cancel what came before up to a rest that shrinks; then
// shuffled. After Algorithm 6.1 (GenDot) of Ogita, Rump and Oishi.
Data ill_conditioned(std::size_t n, int spread, std::mt19937_64& rng) {
    Data data(n);
    std::uniform_real_distribution<float> mantissa(-1, 1);
    ExactSum so_far;
    for (std::size_t i = 0; i < n; ++i) {
        if (i < n / 2) {
            const int exponent =
                i == 0 ? spread : static_cast<int>(rng() % static_cast<unsigned>(spread + 1));
            data[i] = std::ldexp(mantissa(rng), exponent);
        } else {
            const double progress = static_cast<double>(n - i) / static_cast<double>(n - n / 2);
            const int exponent = static_cast<int>(progress * spread);
            data[i] = static_cast<float>(std::ldexp(static_cast<double>(mantissa(rng)), exponent) -
                                         so_far.value());
        }
        so_far.add(data[i]);
    }
    std::ranges::shuffle(data.span(), rng);
    return data;
}

void check_bound(std::span<const float> x) {
    const ExactSum exact(x);
    const float result = sum_compensated(x);
    const double steps = (static_cast<double>(x.size()) - 1) * kUnitRoundoff;
    const double gamma = steps / (1 - steps);
    const double magnitudes = sum_of_magnitudes(x);
    const double bound = kUnitRoundoff * std::fabs(exact.value()) + gamma * gamma * magnitudes;
    INFO(x.size() << " elements, exact sum " << digits(exact.value()) << ", sum of magnitudes "
                  << magnitudes << ", result " << digits(result));
    const double error = std::fabs(exact.error_of(result));
    REQUIRE(error <= bound * (1 + 1e-9));
}

}  // namespace

TEST_CASE("sum_compensated keeps to its bound on ill-conditioned data, on every target",
          "[accurate]") {
    WHY("where large parts cancel, what their additions rounded away is all that is left");
    SEEDED_RNG(rng);
    std::vector<Data> inputs;
    for (const std::size_t n : {2u, 3u, 5u, 17u, 100u, 333u, 1000u, 3000u})
        for (const int spread : {0, 4, 8, 12, 16, 20, 24, 32})
            inputs.push_back(ill_conditioned(n, spread, rng));
    on_each_target([&](std::int64_t) {
        for (Data& data : inputs)
            check_bound(data.span());
    });
}

TEST_CASE("sum_compensated keeps the small between the large, on every target", "[accurate]") {
    WHY("1 added to 100 million is lost in a float; it must still be there when the 100 million "
        "are gone");
    on_each_target([](std::int64_t) {
        // In runs of each length from 1 to 64, so that in some of them large and small share a
        // lane.
        for (std::size_t run = 1; run <= 64; ++run) {
            static constexpr float kParts[] = {1, 1e8f, 1, -1e8f};
            Data data(4 * run, [&](std::size_t i) { return kParts[i / run]; });
            INFO("runs of " << run << ": 1, 1e8, 1, -1e8");
            check_bound(data.span());
        }
    });
}

TEST_CASE("sum_compensated keeps to its bound whether the large or the small come first",
          "[accurate]") {
    WHY("Dekker's short form of the error is right only where the sum so far is the larger of the "
        "two");
    on_each_target([](std::int64_t) {
        for (const std::size_t n : {64u, 500u, 2000u}) {
            Data growing(n, [&](std::size_t i) {
                const float value =
                    std::ldexp(1.0f + FastRandom(i).uniform(), static_cast<int>(30 * i / n));
                return i % 2 == 0 ? value : -value;
            });
            check_bound(growing.span());
            std::ranges::reverse(growing.span());
            check_bound(growing.span());
        }
    });
}

TEST_CASE("sum_compensated is at most 1 ulp off on 16 million uniform values, on every target",
          "[accurate]") {
    WHY("the errors of millions of additions add up, unless each is kept");
    FastRandom random(2025);
    Data data(std::size_t{1} << 24, [&](std::size_t) { return random.uniform(); });
    const ExactSum exact(data.span());
    on_each_target([&](std::int64_t) {
        const float result = sum_compensated(data.span());
        INFO("result " << digits(result) << ", exact " << digits(exact.value()));
        REQUIRE(exact.ulps_of(result) <= 1);
    });
}

TEST_CASE("sum_compensated keeps to its bound on constant, growing and spread data", "[accurate]") {
    WHY("on data with a pattern, roundings lean to one side instead of cancelling out");
    on_each_shape(20'000, [](std::span<const float> data, const char* shape) {
        INFO(shape);
        on_each_target([&](std::int64_t) {
            for (const std::size_t n : {2u, 50u, 1000u, 3000u, 20'000u})
                check_bound(data.first(n));
        });
    });
}

TEST_CASE("sum_compensated takes every element once, at every length and address, on every target",
          "[accurate][asan]") {
    WHY("whole numbers add up exactly in any order, so exactly one result is right");
    on_each_target([](std::int64_t) { check_lengths_and_addresses(sum_compensated); });
}

TEST_CASE("sum_compensated reads only its elements and allocates nothing, on every target",
          "[accurate][asan]") {
    WHY("a whole vector read at the end of an array may reach into memory that is not there");
    on_each_target([](std::int64_t) { check_bounds(sum_compensated); });
}

TEST_CASE("sum_compensated treats infinities and NaN as IEEE addition does, on every target",
          "[accurate]") {
    WHY("a compensation subtracts what was added, and infinity minus infinity is NaN where "
        "infinity is right");
    on_each_target([](std::int64_t) { check_infinities(sum_compensated); });
}

TEST_CASE("sum_compensated is right at both ends of the range of floats, on every target",
          "[accurate]") {
    WHY("where the sum overflows, so does its compensation, in the other direction");
    on_each_target([](std::int64_t) { check_extremes(sum_compensated); });
}

TEST_CASE("sum_compensated overflows where its limits say, and not before, on every target",
          "[accurate]") {
    WHY("elements that are each too small to move the largest float can still carry the sum over "
        "the edge together, and only a sum that loses nothing sees it");
    on_each_target([](std::int64_t) {
        check_overflow(sum_compensated);
        for (const std::size_t n : {12u, 100u, 3000u}) {
            const auto others = static_cast<double>(n - 1);
            const double gamma = others * kUnitRoundoff / (1 - others * kUnitRoundoff);
            const double sum = (kMostUnits + 0.501) / (1 - gamma * gamma);
            Data data = one_and_many(kMostUnits, n, (sum - kMostUnits) / others);
            INFO(n << " elements: the largest float, and others that come to " << sum - kMostUnits
                   << " units of 2^104");
            const std::string kinds = kinds_of_sums(sum_compensated, data.span());
            REQUIRE(kinds == "inf inf -inf");
        }
    });
}

TEST_CASE("sum_compensated asks Highway at run time which vectors there are", "[accurate]") {
    WHY("accurate does not have to mean one element at a time");
    const OnTargets on(hwy::SupportedTargets());
    Data ones(100, [](std::size_t) { return 1.0f; });
    REQUIRE(sum_compensated(ones.span()) == 100);
    const bool asked = hwy::GetChosenTarget().IsInitialized();
    CHECK(asked == kDynamicDispatch);
}
