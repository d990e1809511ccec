// attack: brings a main of its own
// stopped by: the linker: the suites' main is linked in directly, not from a library
// soundly
// ends as: not built

#pragma once

int main() {
    return 0;
}

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
