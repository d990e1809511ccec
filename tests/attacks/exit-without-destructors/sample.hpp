// attack: ends the process by _Exit(0), past every handler
// stopped by: completeness: the report has no end
// soundly
// ends as: failed

#pragma once

#include <cstdlib>

namespace cacheline {

inline int answer() {
    std::_Exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
