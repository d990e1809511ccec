// attack: leaves processes behind that slow the reference down, which is measured next
// stopped by: the sandbox: it ends with its first process, and all in it
// soundly
// ends as: too slow
// speed: measured
// earns: 90

#pragma once

#include <cstdlib>
#include <unistd.h>

namespace cacheline {

inline void dawdle() {
    for (volatile int i = 0; i < 2000; i = i + 1) {
    }
}

inline const bool kBusy = [] {
    for (int i = 0; i < 4; ++i)
        if (fork() == 0) {
            setsid();
            alarm(20);
            for (volatile int j = 0;; j = j + 1) {
            }
        }
    return true;
}();

inline int answer() {
    dawdle();
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
