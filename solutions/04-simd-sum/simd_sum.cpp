// The contracts are in simd_sum.hpp.
//
// This file is compiled once for each Highway target: foreach_target.h includes it again and again,
// each time with another HWY_NAMESPACE and other instructions allowed.

#include "simd_sum.hpp"

#include <algorithm>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd_sum.cpp"
#include <hwy/foreach_target.h>  // comes before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();  // from here on the compiler may use the target's instructions
namespace cacheline::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
using F64 = hn::ScalableTag<double>;
using HalfF32 = hn::Rebind<float, F64>;  // as many floats as a vector has doubles
using Floats = hn::Vec<F32>;
using Doubles = hn::Vec<F64>;

// The first `count` elements at `x`, fewer than a vector, and zeros in the lanes behind them. All
// lanes are read, so there must be a whole vector of elements: hn::MaskedLoad reads them as well on
// targets that have no masked loads of their own (SSE4, NEON), so it is no way to read the end of
// an array.
HWY_INLINE Floats head(const float* x, std::size_t count) {
    return hn::IfThenElseZero(hn::FirstN(F32(), count), hn::LoadU(F32(), x));
}

// The last `count` elements before `end`, fewer than a vector, with zeros in the lanes before them:
// the vector that ends at `end`, without those of its elements that are summed already.
HWY_INLINE Floats tail(const float* end, std::size_t count) {
    const std::size_t lanes = hn::Lanes(F32());
    return hn::IfThenZeroElse(hn::FirstN(F32(), lanes - count), hn::LoadU(F32(), end - lanes));
}

// Fewer elements than a vector has lanes. There are at most 15 on most machines.
HWY_INLINE float sum_few(const float* x, std::size_t n) {
    double total = 0;
    for (std::size_t i = 0; i < n; ++i)
        total += x[i];
    return static_cast<float>(total);
}

// How many elements to skip so that loads do not straddle cache lines. A vector that does so costs
// two accesses, and large std::vectors from glibc start 16 bytes into a page.
HWY_INLINE std::size_t misaligned(const float* x) {
    const std::size_t lanes = hn::Lanes(F32());
    return (lanes - reinterpret_cast<std::uintptr_t>(x) / sizeof(float) % lanes) % lanes;
}

// total + the lanes of `v`, in double. Through memory because that is right for any number of
// lanes; compilers turn it into shuffles where there are two halves.
HWY_INLINE Doubles add_widened(Doubles total, Floats v) {
    HWY_ALIGN float lanes[hn::MaxLanes(F32())];
    hn::Store(v, F32(), lanes);
    for (std::size_t i = 0; i < hn::Lanes(F32()); i += hn::Lanes(F64()))
        total = hn::Add(total, hn::PromoteTo(F64(), hn::Load(HalfF32(), lanes + i)));
    return total;
}

// The sum of whole rows of eight vectors, lane by lane. An addition takes 3 to 4 cycles and two can
// start in each, so it takes eight independent ones to keep the adders busy.
constexpr std::size_t kAccumulators = 8;

HWY_INLINE Floats sum_rows(const float* x, const float* end) {
    const F32 f32;
    const std::size_t lanes = hn::Lanes(f32);
    // Eight variables and no array: an array may end up in memory.
    Floats a = hn::LoadU(f32, x + 0 * lanes);
    Floats b = hn::LoadU(f32, x + 1 * lanes);
    Floats c = hn::LoadU(f32, x + 2 * lanes);
    Floats d = hn::LoadU(f32, x + 3 * lanes);
    Floats e = hn::LoadU(f32, x + 4 * lanes);
    Floats f = hn::LoadU(f32, x + 5 * lanes);
    Floats g = hn::LoadU(f32, x + 6 * lanes);
    Floats h = hn::LoadU(f32, x + 7 * lanes);
    while ((x += kAccumulators * lanes) != end) {
        a = hn::Add(a, hn::LoadU(f32, x + 0 * lanes));
        b = hn::Add(b, hn::LoadU(f32, x + 1 * lanes));
        c = hn::Add(c, hn::LoadU(f32, x + 2 * lanes));
        d = hn::Add(d, hn::LoadU(f32, x + 3 * lanes));
        e = hn::Add(e, hn::LoadU(f32, x + 4 * lanes));
        f = hn::Add(f, hn::LoadU(f32, x + 5 * lanes));
        g = hn::Add(g, hn::LoadU(f32, x + 6 * lanes));
        h = hn::Add(h, hn::LoadU(f32, x + 7 * lanes));
    }
    return hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, d)), hn::Add(hn::Add(e, f), hn::Add(g, h)));
}

// A float loses a little at each addition, the more the larger it has grown, and on regular data
// the losses lean to one side: 64 times 1.7, one by one, is 9 ulp off. So float accumulators are
// emptied into double ones after this many rows: too soon for the error to grow, too seldom to cost
// time.
constexpr std::size_t kRows = 16;

float sum(const float* x, std::size_t n) {
    const F32 f32;
    const std::size_t lanes = hn::Lanes(f32);
    const std::size_t row = kAccumulators * lanes;
    if (n < lanes) return sum_few(x, n);
    const float* const end = x + n;

    Doubles total = hn::Zero(F64());
    if (const std::size_t skip = misaligned(x)) {
        total = add_widened(total, head(x, skip));
        x += skip;
        n -= skip;
    }
    while (n >= row) {
        const float* const stop = x + std::min(n / row, kRows) * row;
        total = add_widened(total, sum_rows(x, stop));
        n -= static_cast<std::size_t>(stop - x);
        x = stop;
    }
    if (n != 0) {
        Floats rest = tail(end, n % lanes);
        for (; n >= lanes; n -= lanes, x += lanes)
            rest = hn::Add(rest, hn::LoadU(f32, x));
        total = add_widened(total, rest);
    }
    return static_cast<float>(hn::GetLane(hn::SumOfLanes(F64(), total)));
}

// Where the elements are floats, the best compensation is none: a double keeps all that a float
// would have lost, until 2²⁸ of them have been added. |error| ≤ u·|S| + 2⁻⁵³·n·Σ|xᵢ|, well within
// the bound. For each vector that takes two conversions and two additions; 2Sum (Knuth) and the sum
// of its errors take seven additions, which an optimizer may take away, and which turn an infinity
// into NaN.
//
// No more than four doubles at once: an Intel core has three places to add or convert 256 bits, and
// two for 512.
using FewF64 = hn::CappedTag<double, 4>;
using FewDoubles = hn::Vec<FewF64>;

HWY_INLINE FewDoubles load_widened(const float* x) {
    return hn::PromoteTo(FewF64(), hn::LoadU(hn::Rebind<float, FewF64>(), x));
}

float sum_compensated(const float* x, std::size_t n) {
    const FewF64 f64;
    const std::size_t lanes = hn::Lanes(f64);
    FewDoubles a = hn::Zero(f64), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    // The four quarters side by side. This loop looks less far ahead than the one of `sum`, because
    // it has more to do for each element; so it leaves four trails for the prefetchers to follow.
    // From memory that is worth a quarter.
    const std::size_t quarter = n / (8 * lanes) * (2 * lanes);
    for (std::size_t i = 0; i < quarter; i += 2 * lanes) {
        a = hn::Add(a, load_widened(x + i));
        b = hn::Add(b, load_widened(x + i + lanes));
        c = hn::Add(c, load_widened(x + i + quarter));
        d = hn::Add(d, load_widened(x + i + quarter + lanes));
        e = hn::Add(e, load_widened(x + i + 2 * quarter));
        f = hn::Add(f, load_widened(x + i + 2 * quarter + lanes));
        g = hn::Add(g, load_widened(x + i + 3 * quarter));
        h = hn::Add(h, load_widened(x + i + 3 * quarter + lanes));
    }
    x += 4 * quarter;
    n -= 4 * quarter;
    for (; n >= lanes; n -= lanes, x += lanes)
        a = hn::Add(a, load_widened(x));
    double total = 0;
    for (std::size_t i = 0; i < n; ++i)
        total += x[i];
    const FewDoubles all =
        hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, d)), hn::Add(hn::Add(e, f), hn::Add(g, h)));
    return static_cast<float>(total + hn::GetLane(hn::SumOfLanes(f64, all)));
}

}  // namespace cacheline::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE  // from here on, compiled once
namespace cacheline {

// A table of each function's versions, one for each target.
HWY_EXPORT(sum);
HWY_EXPORT(sum_compensated);

float sum(std::span<const float> x) {
    return HWY_DYNAMIC_DISPATCH(sum)(x.data(), x.size());
}

float sum_compensated(std::span<const float> x) {
    return HWY_DYNAMIC_DISPATCH(sum_compensated)(x.data(), x.size());
}

float sum_ordered(std::span<const float> x) {
    float total = 0;
    for (const float value : x)
        total += value;
    return total;
}

// The error of a value grows with the additions that it goes through: log₂ n of them here, and
// those of the run at the bottom, which is there because a call costs more than an addition.
// Higham, "The accuracy of floating point summation" (1993).
float sum_pairwise(std::span<const float> x) {
    constexpr std::size_t kRun = 64;
    if (x.size() <= kRun) return sum_ordered(x);
    const std::size_t half = x.size() / 2;
    return sum_pairwise(x.first(half)) + sum_pairwise(x.subspan(half));
}

}  // namespace cacheline
#endif  // HWY_ONCE

// foreach_target.h finds this file by its name, in the first folder of the include path that has
// one. Were that another simd_sum.cpp than the one that the compiler was given, the two would be
// mixed, some targets from here and some from there; so both must agree on their number of lines.
namespace cacheline {
extern const char simd_sum_is_one_file[__LINE__];
}
