// attack: ends the process by the system call exit_group, without the C library
// stopped by: completeness: the report has no end
// soundly
// ends as: failed

#pragma once

namespace cacheline {

#if defined(__x86_64__)
inline void leave() { asm volatile("syscall" : : "a"(231L), "D"(0L)); }
#else
inline void leave() { asm volatile("mov x8, #94\n mov x0, #0\n svc #0"); }
#endif

inline int answer() {
    leave();
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
