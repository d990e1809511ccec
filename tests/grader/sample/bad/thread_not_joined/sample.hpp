// bad: [crashed] std::terminate was called: a std::thread was destroyed without join

#pragma once

#include <thread>

namespace cacheline {

inline int answer() {
    const std::thread other([] {});
    return 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
