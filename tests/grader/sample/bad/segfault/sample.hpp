// bad: [crashed] a pointer led to memory that is not the program's own

#pragma once

namespace cacheline {

inline int answer() {
    int* volatile nowhere = nullptr;
    return *nowhere;
}

inline int echo(int value) { return value; }

}  // namespace cacheline
