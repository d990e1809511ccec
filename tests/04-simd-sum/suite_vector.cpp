#include "support/suite.hpp"

#include <simd_sum.hpp>

#include "checks.hpp"
#include "targets.hpp"

using namespace cacheline;

TEST_CASE("sum takes every element once, at every length and address, on every target",
          "[vector][asan]") {
    WHY("whole numbers add up exactly in any order, so exactly one result is right");
    on_each_target([](std::int64_t) { check_lengths_and_addresses(sum); });
}

TEST_CASE("sum reads only its elements and allocates nothing, on every target", "[vector][asan]") {
    WHY("a whole vector read at the end of an array may reach into memory that is not there");
    on_each_target([](std::int64_t) { check_bounds(sum); });
}

TEST_CASE("sum is at most 1 ulp off on 16 million uniform values, on every target", "[vector]") {
    WHY("a float that has grown to millions rounds each small addend coarsely; short sums stay "
        "small");
    FastRandom random(2024);
    Data data(std::size_t{1} << 24, [&](std::size_t) { return random.uniform(); });
    for (const std::size_t n : {std::size_t{100'000}, std::size_t{1'234'567}, data.size()}) {
        const std::span<const float> x = data.span().first(n);
        const ExactSum exact(x);
        on_each_target([&](std::int64_t) {
            const float result = sum(x);
            INFO(n << " values, result " << digits(result) << ", exact " << digits(exact.value()));
            REQUIRE(exact.ulps_of(result) <= 1);
        });
    }
}

TEST_CASE("the error of sum does not grow with the length, on every target", "[vector]") {
    WHY("on data with a pattern, roundings lean to one side instead of cancelling out");
    on_each_shape(1'000'000, [](std::span<const float> data, const char* shape) {
        for (const std::size_t n : {3u, 50u, 1000u, 20'000u, 1'000'000u}) {
            const ExactSum exact(data.first(n));
            const double bound = 128 * kUnitRoundoff * std::fabs(exact.value());
            on_each_target([&](std::int64_t) {
                const float result = sum(data.first(n));
                INFO(n << " elements: " << shape << "; result " << digits(result) << ", exact "
                       << digits(exact.value()));
                const double error = std::fabs(exact.error_of(result));
                REQUIRE(error <= bound);
            });
        }
    });
}

TEST_CASE("sum treats infinities and NaN as IEEE addition does, on every target", "[vector]") {
    WHY("a NaN that a sum swallows is an error upstream that nobody sees");
    on_each_target([](std::int64_t) { check_infinities(sum); });
}

TEST_CASE("sum is right at both ends of the range of floats, on every target", "[vector]") {
    WHY("subnormals flushed to zero and partial sums that overflow are errors which no test of "
        "ordinary data sees");
    on_each_target([](std::int64_t) { check_extremes(sum); });
}

TEST_CASE("sum overflows where its limits say, and not before, on every target", "[vector]") {
    WHY("a float accumulator that takes too many elements is rounded in one direction as often, "
        "and "
        "near the largest float that makes the difference between a result and none");
    on_each_target([](std::int64_t) {
        check_overflow(sum);
        check_overflow_of_long_data(sum, 128 * kUnitRoundoff);
    });
}

TEST_CASE("sum asks Highway at run time which vectors there are", "[vector]") {
    WHY("a program compiled for every machine must find the best instructions on each");
    const OnTargets on(hwy::SupportedTargets());
    Data ones(100, [](std::size_t) { return 1.0f; });
    REQUIRE(sum(ones.span()) == 100);
    const bool asked = hwy::GetChosenTarget().IsInitialized();
    CHECK(asked == kDynamicDispatch);
}
