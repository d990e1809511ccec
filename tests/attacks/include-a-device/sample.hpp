// attack: includes /dev/zero, and what else never ends
// stopped by: the limits on a compiler, and the sandbox's own devices
// soundly
// ends as: not built

#pragma once

#include "/dev/zero"

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
