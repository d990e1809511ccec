#pragma once

// What all of the exercise's functions promise, each as a check of one of them.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <simd_sum.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "data.hpp"
#include "exact_sum.hpp"
#include "support/allocation_counter.hpp"
#include "support/guard_page.hpp"
#include "support/suite.hpp"

namespace cacheline {

using Sum = float (*)(std::span<const float>);

/// With as many digits as tell a float from its neighbours.
template <std::floating_point Value>
std::string digits(Value value) {
    std::ostringstream text;
    text.precision(std::numeric_limits<float>::max_digits10);
    text << value;
    return text.str();
}

/// Whole numbers whose sums are exact in whatever order they are added, so that exactly one result
/// is right: no two differ by an element left out or taken twice.
inline float whole_number(std::size_t i) {
    return static_cast<float>(static_cast<int>(FastRandom(i)() % 4095) - 1023);
}

/// Every length up to 300 and some around powers of two, from every address within a vector.
inline void check_lengths_and_addresses(Sum function) {
    constexpr std::size_t kAddresses = 17;
    Data data(4200 + kAddresses, whole_number);
    std::vector<std::size_t> lengths;
    for (std::size_t n = 0; n <= 300; ++n)
        lengths.push_back(n);
    for (const std::size_t power : {512u, 1024u, 2048u, 4096u})
        for (std::size_t n = power - 17; n <= power + 17; ++n)
            lengths.push_back(n);
    for (std::size_t first = 0; first < kAddresses; ++first) {
        for (const std::size_t n : lengths) {
            const std::span<const float> x = data.span().subspan(first, n);
            const float result = function(x);
            double expected = 0;
            for (const float value : x)
                expected += static_cast<double>(value);
            if (static_cast<double>(result) == expected) continue;
            INFO(n << " whole numbers, " << 4 * first
                   << " bytes behind an address that is aligned for any vector");
            REQUIRE(static_cast<double>(result) == expected);
        }
    }
    REQUIRE(function({}) == 0);
    REQUIRE(function(std::span<const float>(data.span().data() + 3, 0)) == 0);
}

/// Arrays that end at an inaccessible page, then arrays that start behind one. A wrong read ends
/// the process, so the note says where.
inline void check_bounds(Sum function) {
    constexpr std::size_t kMost = 2100;
    using support::GuardedArray;
    for (const bool behind : {true, false}) {
        GuardedArray<float> array(kMost, behind ? GuardedArray<float>::Guard::kBehind
                                                : GuardedArray<float>::Guard::kBefore);
        std::fill_n(array.data(), kMost, 1.0f);
        for (std::size_t n = 0; n <= kMost; n += n < 600 ? 1 : 61) {
            const std::span<float> x = behind ? array.span().last(n) : array.span().first(n);
            const support::AllocationCounter counter;
            const float result = function(x);
            const std::size_t allocations = counter.allocations();
            if (allocations == 0 && result == static_cast<float>(n)) continue;
            INFO(n << " ones with an inaccessible page " << (behind ? "behind" : "before")
                   << " them");
            REQUIRE(allocations == 0);
            REQUIRE(result == static_cast<float>(n));
        }
    }
    SUCCEED("every read stayed inside");
}

/// "NaN", "inf" or "-inf", so that a failure can be read.
inline std::string kind_of(float value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
    return "finite";
}

inline void check_infinities(Sum function) {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    for (const std::size_t n : {1u, 2u, 5u, 16u, 31u, 100u, 1111u}) {
        Data data(n, [](std::size_t i) { return i % 2 == 0 ? 1.5f : -0.25f; });
        const std::size_t step = n < 200 ? 1 : 37;
        for (std::size_t i = 0; i < n; i += step) {
            const std::size_t other = (i + n / 2) % n;
            const float was = data[i];
            const float other_was = data[other];
            const auto result_with = [&](float here, float there) {
                data[other] = there;
                data[i] = here;
                const float result = function(data.span());
                data[other] = other_was;
                data[i] = was;
                return kind_of(result);
            };
            INFO(n << " elements; element " << i << " is special, and so may be element " << other);
            REQUIRE(result_with(kInf, other_was) == "inf");
            REQUIRE(result_with(-kInf, other_was) == "-inf");
            REQUIRE(result_with(kNan, other_was) == "NaN");
            if (other == i) continue;
            REQUIRE(result_with(kInf, kInf) == "inf");
            REQUIRE(result_with(kInf, -kInf) == "NaN");
            REQUIRE(result_with(-kInf, kNan) == "NaN");
        }
    }
}

/// Both ends of the range: the smallest floats and the largest.
inline void check_extremes(Sum function) {
    constexpr float kMax = std::numeric_limits<float>::max();
    constexpr float kTiny = std::numeric_limits<float>::denorm_min();
    for (const std::size_t n : {1u, 3u, 40u, 1000u}) {
        Data tiny(n, [](std::size_t i) { return kTiny * static_cast<float>(1 + i % 5); });
        INFO(n << " elements");
        // Sums of subnormal numbers are exact.
        REQUIRE(function(tiny.span()) == static_cast<float>(ExactSum(tiny.span()).value()));

        const float share = kMax / static_cast<float>(4 * n);
        Data large(n, [&](std::size_t i) { return i % 3 == 2 ? -share : share; });
        REQUIRE(kind_of(function(large.span())) == "finite");
        if (n == 1) continue;
        Data too_large(n, [](std::size_t) { return -kMax; });
        REQUIRE(kind_of(function(too_large.span())) == "-inf");
    }
}

/// The distance of the largest floats: they are multiples of it, up to kMostUnits of them, and what
/// comes to kMostUnits + 1/2 is rounded to an infinity.
inline constexpr double kUnit = 0x1p104;
inline constexpr double kMostUnits = 0x1p24 - 1;

/// `first` and then n - 1 times `other`, both in kUnit.
inline Data one_and_many(double first, std::size_t n, double other) {
    return Data(
        n, [&](std::size_t i) { return static_cast<float>((i == 0 ? first : other) * kUnit); });
}

/// The same elements from first to last, from last to first, and with another sign.
inline std::string kinds_of_sums(Sum function, std::span<float> x) {
    std::string kinds = kind_of(function(x));
    std::ranges::reverse(x);
    kinds += ' ' + kind_of(function(x));
    for (float& value : x)
        value = -value;
    return kinds + ' ' + kind_of(function(x));
}

/// Both limits that hold for every order of addition.
inline void check_overflow(Sum function) {
    constexpr double kLittle = 0x1p-20;  // representable beside 1/2 in a float
    for (const std::size_t n : {2u, 3u, 10u, 65u, 130u, 1000u}) {
        const auto additions = static_cast<double>(n - 1);
        INFO(n << " elements");
        // Each addition rounds up by almost half a unit, but for the last one made.
        Data below = one_and_many(kMostUnits + 1 - additions, n, 0.5 + kLittle);
        below[n - 1] = static_cast<float>((0.5 - additions * kLittle) * kUnit);
        const std::string just_below = kinds_of_sums(function, below.span());
        REQUIRE(just_below == "finite finite finite");

        Data above = one_and_many(kMostUnits, n, 0.5);
        const std::string just_above = kinds_of_sums(function, above.span());
        REQUIRE(just_above == "inf inf -inf");
    }
}

/// Both limits of a function whose error is at most `error_bound` times the sum of magnitudes, on
/// data whose roundings all lean to one side.
inline void check_overflow_of_long_data(Sum function, double error_bound) {
    constexpr std::size_t kLength = 100'000;
    constexpr double kLimit = kMostUnits + 0.5;
    const auto check = [&](double sum, double other, const std::string& expected) {
        const double first = sum - static_cast<double>(kLength - 1) * other;
        Data data = one_and_many(first, kLength, other);
        INFO(kLength << " elements: " << first << " units of 2^104, all others " << other);
        const std::string kinds = kinds_of_sums(function, data.span());
        REQUIRE(kinds == expected);
    };
    // As large a whole number as `first`, or as small a one, as the limit leaves room for.
    constexpr double kUp = 0.5 + 0x1p-7;
    constexpr double kDown = 0.5 - 0x1p-7;
    const double ups = static_cast<double>(kLength - 1) * kUp;
    const double downs = static_cast<double>(kLength - 1) * kDown;
    check(std::ceil(kLimit / (1 + error_bound) - ups) - 1 + ups, kUp, "finite finite finite");
    check(std::ceil(kLimit / (1 - error_bound) - downs) + downs, kDown, "inf inf -inf");
}

/// Data of one sign whose roundings may lean to one side: check(data, name) for each shape.
template <typename Check>
void on_each_shape(std::size_t n, Check check) {
    struct Shape {
        const char* name;
        float (*element)(std::size_t i);
    };
    static constexpr Shape kShapes[] = {
        {"uniform in [-2, -1)", [](std::size_t i) { return -1.0f - FastRandom(i).uniform(); }},
        {"0.1, always", [](std::size_t) { return 0.1f; }},
        {"1.7, always", [](std::size_t) { return 1.7f; }},
        {"0, 1, 2, 3, ...", [](std::size_t i) { return static_cast<float>(i); }},
        {"1, 1/2, 1/3, ...", [](std::size_t i) { return 1 / static_cast<float>(i + 1); }},
        {"powers of two from 1 to 2^40",
         [](std::size_t i) {
             return static_cast<float>(std::uint64_t{1} << FastRandom(i).below(41));
         }},
    };
    for (const Shape& shape : kShapes) {
        Data data(n, shape.element);
        check(data.span(), shape.name);
    }
}

}  // namespace cacheline
