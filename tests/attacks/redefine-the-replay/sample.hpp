// attack: redefines what the replay prints with
// stopped by: the replay: no answer is in the process that could be printed
// soundly
// ends as: failed, replay

#pragma once

#if !defined(CATCH_TEST_MACROS_HPP_INCLUDED)
#define print(...) print(42)
#endif

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
