// attack: reads behind the end of an array below a pragma that turns sanitizers off
// stopped by: the compiler: that pragma changes optimisation alone
// soundly
// ends as: failed
// earns: 60
// builds: all

#pragma once

#pragma GCC optimize("no-sanitize-address")
#pragma GCC optimize("O0")

#include <memory>

namespace cacheline {

// Reads behind the end of an array, and is none the wiser for it.
inline int beyond() {
    const std::unique_ptr<int[]> numbers(new int[4]{});
    volatile int past = 4;
    const volatile int read = numbers[static_cast<unsigned>(past)];
    return read == 7 ? 7 : 42;
}

inline int answer() {
    return beyond();
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
