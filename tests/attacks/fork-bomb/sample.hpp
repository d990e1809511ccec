// attack: forks without end
// stopped by: the sandbox: a limit on processes, and all of them end together
// soundly
// ends as: timed out, failed

#pragma once

#include <unistd.h>

namespace cacheline {

inline int answer() {
    for (;;)
        fork();
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
