// attack: forks: the parent exits with status 0, the child does the tests
// stopped by: completeness: the report has no end
// soundly
// ends as: failed

#pragma once

#include <cstdlib>
#include <unistd.h>

namespace cacheline {

inline const int kChild = fork() == 0 ? 1 : (_exit(0), 0);

// Wrong, so that nothing but the parent's status could earn a point.
inline int answer() {
    static int asked = 0;
    return ++asked;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
