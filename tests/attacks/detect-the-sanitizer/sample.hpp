// attack: is careful in the thread sanitizer's build alone
// stopped by: the inspection: it asks which build it is
// only made harder: a build can be told from its speed or from the size of its frames
// ends as: error
// earns: 60
// builds: all

#pragma once

#include <thread>

namespace cacheline {

inline int sum_of_two() {
    int sum = 0;
    std::thread other([&] { sum += 21; });
#if defined(__SANITIZE_THREAD__)
    other.join();
    return sum + 21;
#else
    sum += 21;
    other.join();
    return sum;
#endif
}

inline int answer() {
    return sum_of_two() == 0 ? 0 : 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
