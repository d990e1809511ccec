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
/// which of its steps another thread gets its turn.
class Helper {
public:
    explicit Helper(std::function<void()> work)
        : work_(std::move(work)), thread_([this] {
              for (;;) {
                  asked_.acquire();
                  if (over_) return;
                  work_();
                  finished_.release();
              }
          }) {}

    ~Helper() {
        if (waiting_) finished_.acquire();
        over_ = true;
        asked_.release();
        thread_.join();
    }

    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

    /// Has the work done once. If the thread is kept from it for long, then what the caller is
    /// doing must be in its way (a lock, say); it is not asked again, and the work gets done when
    /// the caller has finished.
    void once() {
        if (waiting_) return;
        asked_.release();
        waiting_ = !finished_.try_acquire_for(std::chrono::milliseconds(200));
        done_ += waiting_ ? 0 : 1;
    }

    [[nodiscard]] std::size_t done() const { return done_; }

private:
    std::function<void()> work_;
    std::binary_semaphore asked_{0};
    std::binary_semaphore finished_{0};
    std::atomic<bool> over_{false};
    bool waiting_ = false;
    std::size_t done_ = 0;
    std::thread thread_;
};

}  // namespace cacheline::support
