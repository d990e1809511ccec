// attack: ends the process with status 0 in the function under test
// stopped by: completeness: the report has no end
// soundly
// ends as: failed

#pragma once

#include <cstdlib>

namespace cacheline {

inline int answer() {
    std::exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
