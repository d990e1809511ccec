// attack: sends SIGKILL to every process that it may
// stopped by: the sandbox: there are only its own
// soundly
// ends as: failed, crashed, error

#pragma once

#include <csignal>
#include <cstdlib>

namespace cacheline {

inline int answer() {
    kill(-1, SIGKILL);
    for (int pid = 2; pid < 70'000; ++pid)
        kill(pid, SIGKILL);
    std::_Exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
