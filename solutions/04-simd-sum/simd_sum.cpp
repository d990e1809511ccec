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

HWY_INLINE float to_float(Doubles total) {
    return static_cast<float>(hn::GetLane(hn::SumOfLanes(F64(), total)));
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

// A float loses a little at each addition, and in a row of them the losses may all lean to one
// side: 64 times 1.7, added one by one, is 9 ulp off. So no value here goes through more than four
// additions in a row: four rows make a tile, four tiles a sum that is then added in double. That
// costs no addition more than one long row does (n - 1 in any case), and the double ones come once
// in 128 vectors.
constexpr std::size_t kRowsInTile = 4;
constexpr std::size_t kTiles = 4;

float sum(const float* x, std::size_t n) {
    const F32 f32;
    const std::size_t lanes = hn::Lanes(f32);
    const std::size_t row = kAccumulators * lanes;
    const std::size_t tile = kRowsInTile * row;
    if (n < lanes) return sum_few(x, n);
    const float* const end = x + n;

    Floats rest = hn::Zero(f32);
    if (const std::size_t skip = misaligned(x)) {
        rest = head(x, skip);
        x += skip;
        n -= skip;
    }
    Doubles total = hn::Zero(F64());
    while (n >= tile) {
        const float* const stop = x + std::min(n / tile, kTiles) * tile;
        n -= static_cast<std::size_t>(stop - x);
        Floats part = sum_rows(x, x + tile);
        while ((x += tile) != stop)
            part = hn::Add(part, sum_rows(x, x + tile));
        total = add_widened(total, part);
    }
    if (n >= row) {
        const float* const stop = x + n / row * row;
        total = add_widened(total, sum_rows(x, stop));
        x = stop;
        n %= row;
    }
    for (; n >= 2 * lanes; n -= 2 * lanes, x += 2 * lanes)
        rest = hn::Add(rest, hn::Add(hn::LoadU(f32, x), hn::LoadU(f32, x + lanes)));
    if (n >= lanes) {
        rest = hn::Add(rest, hn::LoadU(f32, x));
        n -= lanes;
    }
    if (n != 0) rest = hn::Add(rest, tail(end, n));
    return to_float(add_widened(total, rest));
}

// Where the elements are floats, the best compensation is none: a double holds the sum of a float
// and all that it would have lost, until 2²⁹ of them have been added. Widening takes a conversion
// and an addition for each half of a vector; 2Sum (Knuth) and the sum of the errors take seven
// additions for the whole. And there is nothing in it that an optimizer could take away, nor that
// turns an infinity into NaN (∞ − ∞ is in every compensation). |error| ≤ u·|S| + 2⁻⁵³·n·Σ|xᵢ|,
// within Sum2's bound.
float sum_compensated(const float* x, std::size_t n) {
    const F64 f64;
    const HalfF32 half;
    const std::size_t lanes = hn::Lanes(F32());
    const std::size_t step = hn::Lanes(f64);
    if (n < lanes) return sum_few(x, n);
    const float* const end = x + n;

    Doubles a = hn::Zero(f64), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
    if (const std::size_t skip = misaligned(x)) {
        a = add_widened(a, head(x, skip));
        x += skip;
        n -= skip;
    }
    for (; n >= 8 * step; n -= 8 * step, x += 8 * step) {
        a = hn::Add(a, hn::PromoteTo(f64, hn::LoadU(half, x + 0 * step)));
        b = hn::Add(b, hn::PromoteTo(f64, hn::LoadU(half, x + 1 * step)));
        c = hn::Add(c, hn::PromoteTo(f64, hn::LoadU(half, x + 2 * step)));
        d = hn::Add(d, hn::PromoteTo(f64, hn::LoadU(half, x + 3 * step)));
        e = hn::Add(e, hn::PromoteTo(f64, hn::LoadU(half, x + 4 * step)));
        f = hn::Add(f, hn::PromoteTo(f64, hn::LoadU(half, x + 5 * step)));
        g = hn::Add(g, hn::PromoteTo(f64, hn::LoadU(half, x + 6 * step)));
        h = hn::Add(h, hn::PromoteTo(f64, hn::LoadU(half, x + 7 * step)));
    }
    for (; n >= lanes; n -= lanes, x += lanes)
        b = add_widened(b, hn::LoadU(F32(), x));
    if (n != 0) c = add_widened(c, tail(end, n));
    return to_float(
        hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, d)), hn::Add(hn::Add(e, f), hn::Add(g, h))));
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
