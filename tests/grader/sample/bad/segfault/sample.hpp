// bad: [crashed] the program was ended by SIGSEGV: it used memory that is not its own

#pragma once

namespace cacheline {

inline int answer() {
    int* volatile nowhere = nullptr;
    return *nowhere;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
