// attack: looks for the sanitizer's functions at run time, and is careful if they are there
// stopped by: the inspection: names of the sanitizers' runtime
// only made harder: the names can be put together while it runs, and found in the program's own symbol table
// ends as: error
// earns: 60
// builds: all

#pragma once

extern "C" __attribute__((weak)) void __tsan_init();

#include <thread>

namespace cacheline {

inline int sum_of_two() {
    int sum = 0;
    std::thread other([&] { sum += 21; });
    if (__tsan_init != nullptr) {
        other.join();
        return sum + 21;
    }
    sum += 21;
    other.join();
    return sum;
}

inline int answer() {
    return sum_of_two() == 0 ? 0 : 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
