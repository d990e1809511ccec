// attack: sets LD_PRELOAD and starts itself again
// stopped by: the sandbox: there is nothing to preload, and what starts again is the same program
// soundly
// ends as: failed, timed out

#pragma once

#include <cstdlib>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    setenv("LD_PRELOAD", "/usr/lib/x86_64-linux-gnu/libcatch_all.so", 1);
    if (std::getenv("TWICE") == nullptr) {
        setenv("TWICE", "1", 1);
        execl("/proc/self/exe", "sample", "--reporter", "compact", nullptr);
    }
    std::_Exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
