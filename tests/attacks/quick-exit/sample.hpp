// attack: ends the process by quick_exit(0)
// stopped by: completeness: the report has no end
// soundly
// ends as: failed

#pragma once

#include <cstdlib>

namespace cacheline {

inline int answer() {
    std::quick_exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
