// attack: takes all the memory that there is, with many processes
// stopped by: the limit on the resident memory of all its processes together
// soundly
// ends as: failed, timed out

#pragma once

#include <cstdlib>
#include <cstring>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    for (int i = 0; i < 5; ++i)
        fork();
    for (;;)
        if (void* const memory = std::malloc(16 << 20)) std::memset(memory, 1, 16 << 20);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
