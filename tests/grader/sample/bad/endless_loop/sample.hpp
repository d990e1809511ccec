// bad: [timed out] an endless loop, or a wait for something that never comes

#pragma once

namespace cacheline {

inline int answer() {
    for (volatile int i = 0;; i = i + 1) {
    }
}

inline int echo(int value) { return value; }

}  // namespace cacheline
