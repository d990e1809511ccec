// attack: redefines TEST_CASE so that the suite's bodies are never run
// stopped by: the replay: what it computes is wrong
// soundly
// ends as: replay

#pragma once

#undef TEST_CASE
#define NAMED_2(name, line) name##line
#define NAMED(name, line) NAMED_2(name, line)
#define TEST_CASE(...)                                                        \
    static void NAMED(unused, __LINE__)();                                    \
    INTERNAL_CATCH_TESTCASE2(NAMED(instead, __LINE__), __VA_ARGS__) {         \
        if (false) NAMED(unused, __LINE__)();                                 \
        SUCCEED();                                                            \
    }                                                                         \
    static void NAMED(unused, __LINE__)()

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
