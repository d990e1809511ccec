// attack: puts forbidden names together from pieces by the preprocessor
// stopped by: the inspection: it looks again when the macros are gone
// only made harder: names can be put together where the inspection does not look
// ends as: error

#pragma once

#define GLUE(a, b) a##b
GLUE(__attri, bute__)((GLUE(con, structor)(101))) inline void before_all() {}

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
