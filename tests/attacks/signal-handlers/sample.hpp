// attack: ignores every signal and loops, so that nothing can end it
// stopped by: the limits: SIGKILL, for all of its processes
// soundly
// ends as: timed out, failed

#pragma once

#include <csignal>

namespace cacheline {

inline int answer() {
    for (int number = 1; number < 64; ++number)
        std::signal(number, SIG_IGN);
    for (volatile int i = 0;; i = i + 1) {
    }
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
