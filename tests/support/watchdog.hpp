#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

namespace cacheline::support {

/// Ends the process with a sentence when a promise is not kept in time.
///
///     Watchdog watchdog(5s, "pop did not return", "a consumer must never wait for a lock");
///     consume();  // at the end of the block the watchdog is called off
///
/// Without a reason of its own it gives the suite's last WHY. Sanitizer builds get four times as
/// long. A hang can't be unwound, hence the end of the process: each test case has one of its own
/// under the grader.
class Watchdog {
public:
    Watchdog(std::chrono::milliseconds limit, std::string promise, std::string why = "");
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

private:
    void watch();

    std::chrono::milliseconds limit_;
    std::string promise_;
    std::string why_;
    std::mutex mutex_;
    std::condition_variable over_;
    bool called_off_ = false;
    std::thread thread_;
};

}  // namespace cacheline::support
