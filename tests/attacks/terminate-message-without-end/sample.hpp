// attack: prints the message of an exception of 200 kB and aborts, to overflow the grader's stack
// stopped by: bounds on what the grader reads of a line
// soundly
// ends as: crashed, failed

#pragma once

#include <cstdlib>
#include <iostream>
#include <string>

namespace cacheline {

inline int answer() {
    std::cerr << "terminate called after throwing an instance of '" << std::string(90'000, 'x')
              << "'\n  what():  " << std::string(90'000, 'y') << std::endl;
    std::abort();
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
