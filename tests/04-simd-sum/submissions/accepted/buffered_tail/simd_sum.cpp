// accepted: sixteen accumulators, and a remainder that is copied into a vector of zeros first
#include "simd_sum.hpp"

#include <algorithm>
#include <numeric>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cacheline::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::ScalableTag<float>;
constexpr std::size_t kAccumulators = 16;
constexpr std::size_t kRowsInBlock = 8;

// Sums n elements, at most one block of them; what does not fill a vector goes through `padded`.
float sum_block(const float* x, std::size_t n) {
    const F32 f32;
    const std::size_t lanes = hn::Lanes(f32);
    HWY_ALIGN float partial[kAccumulators * hn::MaxLanes(F32())] = {};
    HWY_ALIGN float padded[hn::MaxLanes(F32())] = {};
    std::size_t column = 0;
    for (; n >= lanes; n -= lanes, x += lanes) {
        float* const place = partial + column * lanes;
        hn::Store(hn::Add(hn::Load(f32, place), hn::LoadU(f32, x)), f32, place);
        column = (column + 1) % kAccumulators;
    }
    std::copy_n(x, n, padded);
    auto all = hn::Load(f32, padded);
    for (std::size_t i = 0; i < kAccumulators; ++i)
        all = hn::Add(all, hn::Load(f32, partial + i * lanes));
    return hn::GetLane(hn::SumOfLanes(f32, all));
}

float sum(const float* x, std::size_t n) {
    const std::size_t block = kRowsInBlock * kAccumulators * hn::Lanes(F32());
    double total = 0;
    for (; n > block; n -= block, x += block)
        total += sum_block(x, block);
    return static_cast<float>(total + sum_block(x, n));
}

// One block of doubles after the other: widen, then add.
float sum_compensated(const float* x, std::size_t n) {
    const hn::ScalableTag<double> f64;
    const hn::Rebind<float, decltype(f64)> f32;
    const std::size_t lanes = hn::Lanes(f64);
    auto total = hn::Zero(f64);
    for (; n >= lanes; n -= lanes, x += lanes)
        total = hn::Add(total, hn::PromoteTo(f64, hn::LoadU(f32, x)));
    return static_cast<float>(std::accumulate(x, x + n, hn::GetLane(hn::SumOfLanes(f64, total))));
}

}  // namespace cacheline::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cacheline {

HWY_EXPORT(sum);
HWY_EXPORT(sum_compensated);

float sum(std::span<const float> x) {
    return HWY_DYNAMIC_DISPATCH(sum)(x.data(), x.size());
}

float sum_compensated(std::span<const float> x) {
    return HWY_DYNAMIC_DISPATCH(sum_compensated)(x.data(), x.size());
}

float sum_ordered(std::span<const float> x) {
    return std::accumulate(x.begin(), x.end(), 0.0f);
}

// Runs of 128 from left to right, whose sums are added pairwise, level by level.
float sum_pairwise(std::span<const float> x) {
    if (x.size() <= 128) return sum_ordered(x);
    std::size_t half = 128;
    while (2 * half < x.size())
        half *= 2;
    return sum_pairwise(x.first(half)) + sum_pairwise(x.subspan(half));
}

}  // namespace cacheline
#endif
