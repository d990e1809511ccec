// attack: takes memory by __libc_malloc, behind the counters
// stopped by: the inspection: it calls what only a replacement of malloc would
// only made harder: memory can be taken from the kernel as well, and static memory is free
// ends as: error
// earns: 100

#pragma once

#include <cstddef>

namespace cacheline {

extern "C" void* __libc_malloc(std::size_t);
inline void* const kHidden = __libc_malloc(100);

inline int answer() {
    return kHidden == nullptr ? 7 : 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
