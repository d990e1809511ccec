// rejected: [unroll] right on every target, and a plain loop over doubles on each
// also: [speed]
#include "simd_sum.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cacheline::HWY_NAMESPACE {

float sum(const float* x, std::size_t n) {
    double total = 0;
    for (std::size_t i = 0; i < n; ++i)
        total += x[i];
    return static_cast<float>(total);
}

}  // namespace cacheline::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cacheline {

HWY_EXPORT(sum);

float sum(std::span<const float> x) {
    return HWY_DYNAMIC_DISPATCH(sum)(x.data(), x.size());
}

float sum_compensated(std::span<const float> x) {
    return sum(x);
}

float sum_ordered(std::span<const float> x) {
    float total = 0;
    for (const float value : x)
        total += value;
    return total;
}

float sum_pairwise(std::span<const float> x) {
    if (x.size() <= 64) return sum_ordered(x);
    return sum_pairwise(x.first(x.size() / 2)) + sum_pairwise(x.subspan(x.size() / 2));
}

}  // namespace cacheline
#endif
