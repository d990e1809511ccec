// attack: reads behind the end of an array in a function that the sanitizer is told to pass over
// stopped by: the inspection: the attribute has no honest use here
// only made harder: memory read by assembly or by a system call is out of the sanitizer's sight as well
// ends as: error
// earns: 60
// builds: all

#pragma once

#include <memory>

namespace cacheline {

// Reads behind the end of an array, and is none the wiser for it.
__attribute__((no_sanitize("address")))
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
