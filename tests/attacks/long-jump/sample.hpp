// attack: jumps out of the test case back to before main
// stopped by: completeness, and limits on time
// soundly
// ends as: failed

#pragma once

#include <csetjmp>
#include <cstdlib>

namespace cacheline {

inline std::jmp_buf begin;
inline const int kBegin = setjmp(begin) == 0 ? 1 : (std::_Exit(0), 0);

inline int answer() {
    std::longjmp(begin, 1);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
