// attack: puts a function into the list of those that run before all others
// stopped by: the inspection: a section chosen by hand
// only made harder: a linker's list can be reached in other ways
// ends as: error

#pragma once

#include <cstdlib>
inline void early() { std::_Exit(0); }
__attribute__((section(".preinit_array"), used)) void (*const kEarly)() = early;

#include <cstdlib>

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
