// attack: makes the assembler repeat itself without end
// stopped by: the limits on a compiler
// soundly
// ends as: not built

#pragma once

asm(".rept 2000000000\n .long 1, 2, 3, 4\n .endr");

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
