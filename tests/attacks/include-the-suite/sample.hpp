// attack: includes the suite, to see what it asks
// stopped by: nothing is secret there: it has tests twice and does not build
// soundly
// ends as: not built

#pragma once

#if !__has_include("suite.cpp") && !__has_include("99-sample/suite.cpp")
#error "the suite is not here"
#endif
#include "suite.cpp"

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
