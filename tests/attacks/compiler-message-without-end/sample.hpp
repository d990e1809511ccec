// attack: makes the compiler print 200 kB in one line, to overflow the grader's stack
// stopped by: bounds on what the grader reads of a line
// soundly
// ends as: not built

#pragma once

#define TEN(x) x x x x x x x x x x
static_assert(false, TEN(TEN(TEN(TEN("a long message ")))));

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
