// bad: [crashed] an exception that nothing caught ended the program: std::runtime_error (lost)

#pragma once

#include <stdexcept>
#include <thread>

namespace cacheline {

inline int answer() {
    std::thread([] { throw std::runtime_error("lost"); }).join();
    return 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
