// attack: prints a sanitizer's message of 200 kB in one line, to overflow the grader's stack
// stopped by: bounds on what the grader reads of a line
// soundly
// ends as: failed

#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

namespace cacheline {

inline int answer() {
    std::cerr << "ERROR: AddressSanitizer: " << std::string(200'000, 'x') << std::endl;
    std::_Exit(86);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
