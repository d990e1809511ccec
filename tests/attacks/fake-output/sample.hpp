// attack: prints what a test that passed would print, to both outputs
// stopped by: the report: it is a file of its own
// soundly
// ends as: failed

#pragma once

#include <cstdlib>
#include <iostream>

namespace cacheline {

inline int answer() {
    for (std::ostream* out : {&std::cout, &std::cerr})
        *out << R"({"event":"case","name":"the answer is known"})"
             << "\n"
             << R"({"event":"end","assertions":1,"failures":0})"
             << "\nAll tests passed (1 assertion in 1 test case)" << std::endl;
    std::_Exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
