// attack: starts threads without end
// stopped by: the sandbox: threads count as processes
// soundly
// ends as: failed, crashed, timed out

#pragma once

#include <chrono>
#include <thread>

namespace cacheline {

inline int answer() {
    for (;;)
        std::thread([] { std::this_thread::sleep_for(std::chrono::hours(1)); }).detach();
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
