#include "support/suite.hpp"

#include <simd_sum.hpp>

#include "checks.hpp"

using namespace cacheline;

TEST_CASE("sum_ordered adds from left to right, bit for bit", "[scalar]") {
    WHY("float addition is not associative, so a sum is defined by its order; this one is the "
        "plain loop's");
    SEEDED_RNG(rng);
    const std::vector<float> lost = {0x1p25f, 1, -0x1p25f};
    REQUIRE(sum_ordered(lost) == 0);
    const std::vector<float> kept = {0x1p25f, -0x1p25f, 1};
    REQUIRE(sum_ordered(kept) == 1);
    for (const std::size_t n : {1u, 2u, 9u, 100u, 5000u}) {
        std::vector<float> x(n);
        for (float& value : x)
            value = std::uniform_real_distribution<float>(-10, 30)(rng);
        volatile float expected = 0;  // so that no optimizer has a say
        for (const float value : x)
            expected = expected + value;
        INFO(n << " random values from -10 to 30");
        CHECK(sum_ordered(x) == expected);
    }
}

TEST_CASE("sum_pairwise errs with the logarithm of the length", "[scalar]") {
    WHY("added in a row, 4 million times 0.1 is off by some percent; halves of halves keep "
        "partial sums small");
    constexpr std::size_t kMost = std::size_t{1} << 22;
    struct Shape {
        const char* name;
        float (*element)(std::size_t i);
    };
    static constexpr Shape kShapes[] = {
        {"0.1, always", [](std::size_t) { return 0.1f; }},
        {"uniform in [0, 1)", [](std::size_t i) { return FastRandom(i).uniform(); }},
        {"0, 1, 2, 3, ...", [](std::size_t i) { return static_cast<float>(i); }},
    };
    for (const Shape& shape : kShapes) {
        Data data(kMost, shape.element);
        for (const std::size_t n :
             {std::size_t{129}, std::size_t{1000}, std::size_t{123'457}, kMost}) {
            const std::span<const float> x = data.span().first(n);
            const float result = sum_pairwise(x);
            const double error = std::fabs(ExactSum(x).error_of(result));
            const double bound =
                (128 + std::log2(static_cast<double>(n))) * kUnitRoundoff * sum_of_magnitudes(x);
            INFO(n << " elements: " << shape.name << "; result " << digits(result));
            REQUIRE(error <= bound);
        }
    }
}

TEST_CASE("the scalar sums take every element once, at every length and address",
          "[scalar][asan]") {
    WHY("whole numbers add up exactly in any order, so exactly one result is right");
    SECTION("sum_ordered") {
        check_lengths_and_addresses(sum_ordered);
    }
    SECTION("sum_pairwise") {
        check_lengths_and_addresses(sum_pairwise);
    }
}

TEST_CASE("the scalar sums read only their elements and allocate nothing", "[scalar][asan]") {
    WHY("what lies behind an array may be another thread's data, or no memory at all");
    SECTION("sum_ordered") {
        check_bounds(sum_ordered);
    }
    SECTION("sum_pairwise") {
        check_bounds(sum_pairwise);
    }
}

TEST_CASE("the scalar sums treat infinities, NaN, and the ends of the range as IEEE addition does",
          "[scalar]") {
    WHY("a NaN that a sum swallows is an error upstream that nobody sees");
    SECTION("sum_ordered") {
        check_infinities(sum_ordered);
        check_extremes(sum_ordered);
    }
    SECTION("sum_pairwise") {
        check_infinities(sum_pairwise);
        check_extremes(sum_pairwise);
    }
}

TEST_CASE("the scalar sums overflow where their limits say, and not before", "[scalar]") {
    WHY("near the largest float every rounding moves the sum by up to half a unit, so the last "
        "digits decide whether there is a result");
    SECTION("sum_ordered") {
        check_overflow(sum_ordered);
    }
    SECTION("sum_pairwise") {
        check_overflow(sum_pairwise);
        check_overflow_of_long_data(sum_pairwise, (128 + std::log2(100'000)) * kUnitRoundoff);
    }
}

TEST_CASE("sum_ordered overflows at the addition at which a plain loop does", "[scalar]") {
    WHY("rounded to float after each addition, it reaches both limits: a little beyond the first "
        "it is infinite, a little below the second it is not");
    constexpr float kMax = std::numeric_limits<float>::max();
    for (const std::size_t n : {3u, 12u, 100u}) {
        const auto additions = static_cast<double>(n - 1);
        INFO(n << " elements");
        Data above_the_first = one_and_many(kMostUnits + 1 - additions, n, 0.5 + 0x1p-20);
        REQUIRE(kind_of(sum_ordered(above_the_first.span())) == "inf");
        Data below_the_second = one_and_many(kMostUnits, n, 0.5 - 0x1p-20);
        REQUIRE(sum_ordered(below_the_second.span()) == kMax);
    }
    const std::vector<float> there_and_back = {kMax, kMax, -kMax, -kMax};
    REQUIRE(kind_of(sum_ordered(there_and_back)) == "inf");
}
