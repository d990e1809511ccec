// attack: includes the compiler's standard input
// stopped by: the grader: it is empty
// soundly
// ends as: not built

#pragma once

#include "/dev/stdin"
#error "it is empty"

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
