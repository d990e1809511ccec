#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <semaphore>
#include <thread>
#include <utility>

namespace cacheline::support {

/// Does its work on a thread of its own, each time it is asked to: what another thread may do
/// between two instructions of this one.
class Partner {
public:
    explicit Partner(std::function<void()> work)
        : work_(std::move(work)), thread_([this] {
              for (asked_.acquire(); !over_; asked_.acquire()) {
                  work_();
                  done_.release();
              }
          }) {}

    ~Partner() {
        if (waiting_) done_.acquire();
        over_ = true;
        asked_.release();
        thread_.join();
    }

    Partner(const Partner&) = delete;
    Partner& operator=(const Partner&) = delete;

    /// Waits until the work is done. If that takes so long that this thread must hold a lock which
    /// the partner wants, it goes on without, and asks no more until the work is done.
    void once() {
        if (!waiting_) asked_.release();
        waiting_ = !done_.try_acquire_for(waiting_ ? std::chrono::milliseconds(0) : kPatience);
    }

private:
    static constexpr std::chrono::milliseconds kPatience{100};

    std::function<void()> work_;
    std::binary_semaphore asked_{0};
    std::binary_semaphore done_{0};
    std::atomic<bool> over_{false};
    bool waiting_ = false;
    std::thread thread_;
};

}  // namespace cacheline::support
