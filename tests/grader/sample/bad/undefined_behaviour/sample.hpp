// bad: [failed] UndefinedBehaviorSanitizer: signed integer overflow

#pragma once

#include <limits>

namespace cacheline {

inline int answer() {
    volatile int most = std::numeric_limits<int>::max();
    const volatile int more = most + 1;
    return more == 7 ? 7 : 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
