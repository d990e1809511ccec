#pragma once

#include <hwy/targets.h>

#include <cstddef>
#include <cstdint>

#include "support/suite.hpp"

namespace cacheline {

/// While it lives, Highway's dynamic dispatch finds this one target, or all that the machine has.
class OnTargets {
public:
    explicit OnTargets(std::int64_t targets) {
        hwy::SetSupportedTargetsForTest(targets);
        hwy::GetChosenTarget().DeInit();  // so that the next dispatch looks again
    }
    ~OnTargets() {
        hwy::SetSupportedTargetsForTest(0);
        hwy::GetChosenTarget().DeInit();
    }
    OnTargets(const OnTargets&) = delete;
    OnTargets& operator=(const OnTargets&) = delete;
};

/// Calls check(target) once for each target that hwy::SupportedTargets names.
template <typename Check>
void on_each_target(Check check) {
    std::int64_t rest = hwy::SupportedTargets();
    for (; rest != 0; rest &= rest - 1) {
        const std::int64_t target = rest & -rest;
        INFO("target: " << hwy::TargetName(target));
        const OnTargets on(target);
        check(target);
    }
}

/// How many floats a vector of the target has, or a number not above that.
inline std::size_t lanes_of(std::int64_t target) {
    if (target == HWY_SCALAR) return 1;
#if HWY_ARCH_X86
    if (target < HWY_AVX2) return 16;  // Highway numbers targets from the best down
    if (target == HWY_AVX2) return 8;
#endif
    return 4;
}

/// Whether this build has code for several targets to choose from (clang on Arm, for one, does
/// not).
inline constexpr bool kDynamicDispatch = (HWY_TARGETS & (HWY_TARGETS - 1)) != 0;

}  // namespace cacheline
