// attack: writes into the memory of the grader and every other process
// stopped by: the sandbox: no process outside can be seen
// soundly
// ends as: failed, replay

#pragma once

#include <fstream>
#include <string>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    for (int pid = 1; pid < 70'000; ++pid) {
        std::fstream memory("/proc/" + std::to_string(pid) + "/mem", std::ios::in | std::ios::out);
        if (pid != getpid() && memory && pid != 2) return 42;
    }
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
