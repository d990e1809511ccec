// attack: puts the reference and the replay's source into the program by .incbin
// stopped by: the sandbox: the assembler does not see the reference
// soundly
// ends as: not built

#pragma once

asm(".section .rodata\n"
    "stolen: .incbin \"../../../../../../../../tests/grader/sample/solutions/99-sample/sample.hpp\"\n"
    ".incbin \"/solutions/99-sample/sample.hpp\"\n"
    ".text");

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
