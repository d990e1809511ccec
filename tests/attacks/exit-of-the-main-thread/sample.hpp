// attack: ends the main thread alone by pthread_exit, so that the process ends with status 0
// stopped by: completeness: the report has no end
// soundly
// ends as: failed, crashed

#pragma once

#include <pthread.h>

namespace cacheline {

inline int answer() {
    pthread_exit(nullptr);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
