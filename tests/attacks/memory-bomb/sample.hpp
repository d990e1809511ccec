// attack: takes all the memory that there is
// stopped by: the limits: on addresses, and on the resident memory of all its processes
// soundly
// ends as: failed, timed out

#pragma once

#include <cstring>
#include <new>

namespace cacheline {

inline int answer() {
    for (;;)
        std::memset(::operator new(64 << 20), 1, 64 << 20);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
