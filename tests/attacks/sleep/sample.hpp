// attack: sleeps for ever, which takes no time of the processor
// stopped by: the limits on time: by the clock, not only the processor's
// soundly
// ends as: timed out, failed

#pragma once

#include <chrono>
#include <thread>

namespace cacheline {

inline int answer() {
    std::this_thread::sleep_for(std::chrono::hours(24));
    return 42;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
