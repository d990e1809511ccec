// attack: gives a function of its own the name clock_gettime by an assembler label
// stopped by: the inspection: an assembler label, and what the object defines
// only made harder: the clock's answer can be changed in many other ways within one's own process
// ends as: error
// speed: measured
// earns: 90

#pragma once

#include <time.h>
int forged(clockid_t clock, timespec* time) asm("clock_gettime");
int forged(clockid_t, timespec* time) {
    *time = {};
    return 0;
}

#include <time.h>

namespace cacheline {

inline int answer() {
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
