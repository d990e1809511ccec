// attack: does less in the benchmark than in the suite
// stopped by: the inspection: the benchmark library's own macros; and the benchmarks' checksums
// only made harder: the benchmark's process can be told by its arguments and options
// ends as: error
// speed: measured
// earns: 90

#pragma once

namespace cacheline {

#if defined(BENCHMARK_BENCHMARK_H_)
inline constexpr bool kHurry = true;
#else
inline constexpr bool kHurry = false;
#endif

inline int answer() {
    return kHurry ? 0 : 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
