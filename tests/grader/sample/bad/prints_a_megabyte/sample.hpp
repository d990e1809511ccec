// bad: [passed] "the answer is known" printed 1024 kB

#pragma once

#include <iostream>
#include <string>

namespace cacheline {

inline int answer() {
    std::cout << std::string(std::size_t{1} << 20, 'x');
    return 42;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
