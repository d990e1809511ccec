// attack: attaches to its parents and to every process as a debugger
// stopped by: the sandbox: no process outside can be seen, and those inside are another user's
// soundly
// ends as: failed, replay

#pragma once

#include <csignal>
#include <sys/ptrace.h>
#include <unistd.h>

namespace cacheline {

inline int answer() {
    for (int pid = 1; pid < 70'000; ++pid)
        if (pid != getpid() && ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) {
            kill(pid, SIGKILL);
            return 42;
        }
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
