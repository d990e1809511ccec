// attack: defines clock_gettime, so that little time passes
// stopped by: the inspection: it defines what the system measures with
// only made harder: the clock's answer can be changed in many other ways within one's own process
// ends as: error
// speed: measured
// earns: 90

#pragma once

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
extern "C" inline __attribute__((used)) int clock_gettime(clockid_t clock, timespec* time) noexcept {
    const long result = syscall(SYS_clock_gettime, clock, time);
    time->tv_nsec /= 1000;
    return static_cast<int>(result);
}

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace cacheline {

inline void dawdle() {
    for (volatile int i = 0; i < 2000; i = i + 1) {
    }
}

inline int answer() {
    dawdle();
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
