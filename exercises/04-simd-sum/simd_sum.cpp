// The contracts are in simd_sum.hpp; the bodies marked `todo` are yours.
//
// This file is compiled once for each Highway target: foreach_target.h includes it again and again,
// each time with another HWY_NAMESPACE and other instructions allowed.

#include "simd_sum.hpp"

#include <algorithm>
#include <cacheline/todo.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd_sum.cpp"
#include <hwy/foreach_target.h>  // comes before highway.h
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();  // from here on the compiler may use the target's instructions
namespace cacheline::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// `hn::ScalableTag<float>` stands for a whole vector of floats, `hn::Lanes(tag)` says how many. The
// lanes are 1 on HWY_SCALAR, 4 on SSE4 and NEON, 8 on AVX2, 16 on AVX3.

float sum(const float* /*x*/, std::size_t /*n*/) {
    todo("sum");
}

float sum_compensated(const float* /*x*/, std::size_t /*n*/) {
    todo("sum_compensated");
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

float sum_ordered(std::span<const float> /*x*/) {
    todo("sum_ordered");
}

float sum_pairwise(std::span<const float> /*x*/) {
    todo("sum_pairwise");
}

}  // namespace cacheline
#endif  // HWY_ONCE

// foreach_target.h finds this file by its name, in the first folder of the include path that has
// one. Were that another simd_sum.cpp than the one that the compiler was given, the two would be
// mixed, some targets from here and some from there; so both must agree on their number of lines.
namespace cacheline {
extern const char simd_sum_is_one_file[__LINE__];
}
