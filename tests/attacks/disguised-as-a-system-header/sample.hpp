// attack: calls its own lines a system header's by a line marker, to hide them from the inspection
// stopped by: the inspection: a directive that no exercise needs
// only made harder: the inspection knows tricks, not intentions
// ends as: error

#pragma once

# 1 "/usr/include/harmless.h" 3
__attribute__((constructor(101))) inline void before_all() {}

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
