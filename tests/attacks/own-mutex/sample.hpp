// attack: defines pthread_mutex_lock, to fool the lock counter
// stopped by: the linker: the probes define it already
// soundly
// ends as: not built

#pragma once

#include <pthread.h>
extern "C" int pthread_mutex_lock(pthread_mutex_t*) noexcept {
    return 0;
}

#include <pthread.h>

namespace cacheline {

inline int answer() {
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
