// attack: never returns
// stopped by: the limits on time
// soundly
// ends as: timed out, failed

#pragma once

namespace cacheline {

inline int answer() {
    for (volatile int i = 0;; i = i + 1) {
    }
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
