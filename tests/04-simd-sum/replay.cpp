// What the four functions compute of random data. sum_ordered is defined to the bit; of the others
// only what every right answer agrees on is printed: exact sums of whole numbers, and special
// values.

#include "support/replay.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <simd_sum.hpp>
#include <vector>

using namespace cacheline;
using support::Replay;

namespace {

using Sum = float (*)(std::span<const float>);

void whole_numbers(Replay& out, Sum function) {
    for (int round = 0; round < 200; ++round) {
        std::vector<float> x(out.below(2000));
        for (float& value : x)
            value = static_cast<float>(out.below(8000)) - 3000;
        const std::span<const float> all(x);
        const std::span<const float> part = all.subspan(out.below(x.size() + 1));
        out.print(part.size(), static_cast<long>(function(part)));
    }
}

// Whole vectors of any width, aligned: a mistake at the ends is not to cost these points as well.
// The longest way of an element is not the same in every right answer, so only the sums are
// printed.
void whole_vectors(Replay& out, Sum function) {
    constexpr std::size_t kWidest = 512;
    alignas(128) std::array<float, 4 * kWidest> x;
    for (int round = 0; round < 200; ++round) {
        const std::span<float> some(x.data(), kWidest * (1 + out.below(4)));
        for (float& value : some)
            value = static_cast<float>(out.below(8000)) - 3000;
        out.print(some.size(), static_cast<long>(function(some)));
    }
}

// The same place with one number changed each time, in the benchmark's sizes: a sum that was
// remembered rather than computed is out of date. At any time the numbers add up to less than 2²⁴,
// in whatever order.
void changing_in_place(Replay& out, Sum function) {
    constexpr std::size_t kSizes[] = {1 << 10, 1 << 13, 1 << 18, 1 << 24};
    for (const std::size_t size : kSizes) {
        std::vector<float> x(size);
        for (std::size_t i = 0; i < size; ++i)
            x[i] = static_cast<float>(i % 3) - 1;
        for (int round = 0; round < (size > 1 << 20 ? 5 : 50); ++round) {
            x[out.below(size)] = static_cast<float>(out.below(8000)) - 3000;
            out.print(size, static_cast<long>(function(x)));
        }
    }
}

void special_values(Replay& out, Sum function) {
    constexpr float kInf = std::numeric_limits<float>::infinity();
    constexpr float kSpecial[] = {kInf, -kInf, std::numeric_limits<float>::quiet_NaN(), 7};
    for (int round = 0; round < 100; ++round) {
        std::vector<float> x(2 + out.below(600), 1.0f);
        for (int i = 0; i < 2; ++i)
            x[out.below(x.size())] = kSpecial[out.below(4)];
        const float result = function(x);
        out.print(x.size(), std::isnan(result) ? "NaN" : std::to_string(result));
    }
}

// Whole numbers too large for a float to hold their sums on the way, with pairs that cancel: a
// small number is the exact sum, and with twice a float's precision the result.
void cancelling(Replay& out, Sum function) {
    for (int round = 0; round < 100; ++round) {
        std::vector<float> x(2 * (4 + out.below(16)));
        for (std::size_t i = 0; i < x.size(); i += 2) {
            x[i] = static_cast<float>(out.below(1u << 24)) * 4;
            x[i + 1] = -x[i];
        }
        x.push_back(static_cast<float>(1 + out.below(100)));
        for (std::size_t i = x.size(); i > 1; --i)
            std::swap(x[i - 1], x[out.below(i)]);
        out.print(x.size(), std::lround(function(x)));
    }
}

}  // namespace

int main(int argc, char* argv[]) {
    Replay replay(argc, argv);
    replay.step("scalar", [](Replay& out) {
        for (int round = 0; round < 50; ++round) {
            std::vector<float> x(out.below(3000));
            for (float& value : x)
                value = static_cast<float>(out.below(1u << 24)) * 0x1p-20f - 3;
            out.print(x.size(), std::hexfloat, sum_ordered(x), std::defaultfloat);
        }
        whole_numbers(out, sum_pairwise);
        special_values(out, sum_ordered);
        special_values(out, sum_pairwise);
    });
    replay.step("vector", [](Replay& out) {
        whole_numbers(out, sum);
        changing_in_place(out, sum);
        special_values(out, sum);
    });
    replay.step("unroll", [](Replay& out) { whole_vectors(out, sum); });
    replay.step("accurate", [](Replay& out) {
        whole_numbers(out, sum_compensated);
        special_values(out, sum_compensated);
        cancelling(out, sum_compensated);
    });
}
