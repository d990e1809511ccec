// attack: calls the kernel by machine code that it spells as bytes
// stopped by: the inspection: assembly with directives, and the calls that make memory executable
// only made harder: bytes can be made in memory from harmless numbers
// ends as: error

#pragma once

namespace cacheline {

inline int answer() {
    asm volatile(".byte 0x0f, 0x05" : : "a"(231L), "D"(0L));
    return 7;
}

inline int echo(int value) {
    return -value;
}

}  // namespace cacheline
