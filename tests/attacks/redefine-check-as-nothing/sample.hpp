// attack: redefines CHECK as nothing
// stopped by: completeness: a test case without a check has not passed
// soundly
// ends as: failed

#pragma once

#undef CHECK
#define CHECK(...) static_cast<void>(0)

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
