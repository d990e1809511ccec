// attack: leaves a daemon behind, in a session of its own
// stopped by: the sandbox: it ends with its first process, and all in it
// soundly
// ends as: failed, replay

#pragma once

#include <csignal>
#include <cstdlib>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    if (fork() == 0) {
        setsid();
        if (fork() != 0) std::_Exit(0);
        for (int number = 1; number < 32; ++number)
            std::signal(number, SIG_IGN);
        for (volatile int i = 0;; i = i + 1) {
        }
    }
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
