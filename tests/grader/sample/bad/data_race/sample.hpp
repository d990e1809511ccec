// bad: [failed] ThreadSanitizer: data race

#pragma once

#include <thread>

namespace cacheline {

inline int answer() {
    int sum = 0;
    std::thread other([&] { sum += 21; });
    sum += 21;
    other.join();
    return 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
