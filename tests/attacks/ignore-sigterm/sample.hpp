// attack: ignores SIGTERM, SIGXCPU and SIGALRM and sleeps
// stopped by: the limits: SIGKILL, for all of its processes
// soundly
// ends as: timed out, failed

#pragma once

#include <chrono>
#include <csignal>
#include <thread>

namespace cacheline {

inline int answer() {
    for (const int number : {SIGTERM, SIGXCPU, SIGALRM, SIGHUP, SIGPIPE})
        std::signal(number, SIG_IGN);
    for (;;)
        std::this_thread::sleep_for(std::chrono::hours(1));
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
