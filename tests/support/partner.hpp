#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <semaphore>
#include <thread>
#include <utility>

namespace cacheline::support {

/// A thread that does one and the same work, once each time it is asked. So a test decides between
/// which of its own steps another thread gets its turn.
class Partner {
public:
    explicit Partner(std::function<void()> work)
        : work_(std::move(work)), thread_([this] {
              for (asked_.acquire(); !over_; asked_.acquire()) {
                  work_();
                  finished_.release();
              }
          }) {}

    ~Partner() {
        if (waiting_) finished_.acquire();
        over_ = true;
        asked_.release();
        thread_.join();
    }

    Partner(const Partner&) = delete;
    Partner& operator=(const Partner&) = delete;

    /// Has the work done, and waits for its end.
    void once() {
        if (waiting_) finish();
        asked_.release();
        finish();
    }

    /// The same from between two instructions of the calling thread, which may be in the work's way
    /// there: it may hold a lock. If the work takes long, it goes on without, and asks no more
    /// until the work is done.
    void once_between() {
        if (!waiting_) asked_.release();
        waiting_ = !finished_.try_acquire_for(waiting_ ? std::chrono::milliseconds(0) : kPatience);
        done_ += waiting_ ? 0 : 1;
    }

    /// How often the work was done, as far as the asking thread knows.
    [[nodiscard]] std::size_t done() const { return done_; }

private:
    static constexpr std::chrono::milliseconds kPatience{200};

    void finish() {
        finished_.acquire();
        waiting_ = false;
        ++done_;
    }

    std::function<void()> work_;
    std::binary_semaphore asked_{0};
    std::binary_semaphore finished_{0};
    std::atomic<bool> over_{false};
    bool waiting_ = false;
    std::size_t done_ = 0;
    std::thread thread_;
};

}  // namespace cacheline::support
