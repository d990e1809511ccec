// attack: defines malloc, to fool the allocation counters
// stopped by: the linker: the probes define it already
// soundly
// ends as: not built

#pragma once

#include <cstddef>
extern "C" void* malloc(std::size_t) {
    return nullptr;
}

namespace cacheline {

inline int answer() {
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
