// attack: reads the benchmark's seed before main, to have the answers ready
// stopped by: the inspection: a name that only the benchmarks use
// only made harder: the environment can be searched without spelling the name
// ends as: error
// speed: measured
// earns: 100

#pragma once

#include <cstdlib>

namespace cacheline {

inline const int kReady = [] {
    const char* const seed = std::getenv("CACHELINE_SEED");
    return seed == nullptr ? 0 : std::atoi(seed);
}();

inline int answer() {
    return kReady == 1 ? 42 : 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
