// accepted: the plain way up: every element widened to double, eight accumulators, a scalar remainder
#include "simd_sum.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd_sum.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cacheline::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

float sum(const float* x, std::size_t n) {
    const hn::ScalableTag<double> f64;
    const hn::Rebind<float, decltype(f64)> f32;
    const std::size_t lanes = hn::Lanes(f64);
    hn::Vec<decltype(f64)> total[8];
    for (auto& part : total)
        part = hn::Zero(f64);
    std::size_t i = 0;
    for (; i + 8 * lanes <= n; i += 8 * lanes)
        for (std::size_t j = 0; j < 8; ++j)
            total[j] = hn::Add(total[j], hn::PromoteTo(f64, hn::LoadU(f32, x + i + j * lanes)));
    for (std::size_t j = 1; j < 8; ++j)
        total[0] = hn::Add(total[0], total[j]);
    double sum = hn::GetLane(hn::SumOfLanes(f64, total[0]));
    for (; i < n; ++i)
        sum += x[i];
    return static_cast<float>(sum);
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
    for (std::size_t i = 0; i < x.size(); ++i)
        total += x[i];
    return total;
}

float sum_pairwise(std::span<const float> x) {
    if (x.empty()) return 0;
    if (x.size() == 1) return x[0];
    return sum_pairwise(x.first(x.size() / 2)) + sum_pairwise(x.subspan(x.size() / 2));
}

}  // namespace cacheline
#endif
