// bad: [failed] it printed more than 64 MiB and was ended

#pragma once

#include <cstdio>

namespace cacheline {

inline int answer() {
    while (std::puts("still thinking about the answer to life, the universe and everything") >= 0) {
    }
    return 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
