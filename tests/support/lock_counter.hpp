#pragma once

#include <chrono>
#include <cstddef>

namespace cacheline::support {

/// Counts what the calling thread does to wait or to exclude others: pthread mutexes, read-write
/// and spin locks, condition variables, semaphores, futex system calls (so std::atomic::wait too),
/// yields and sleeps. Only release builds count: the sanitizers put locks of their own in between.
class LockCounter {
public:
    LockCounter() noexcept;
    [[nodiscard]] std::size_t count() const noexcept;
    /// The last function counted on this thread, such as "pthread_mutex_lock"; "" before any.
    [[nodiscard]] static const char* last() noexcept;

private:
    std::size_t start_;
};

/// While one lives, every call that a LockCounter counts starts by idling that long, on all
/// threads: the gap between a thread's last look and its sleep becomes wide enough to fall into.
/// What is right stays right. Only in release builds.
class SlowLocks {
public:
    explicit SlowLocks(std::chrono::microseconds by) noexcept;
    ~SlowLocks();
    SlowLocks(const SlowLocks&) = delete;
    SlowLocks& operator=(const SlowLocks&) = delete;
};

}  // namespace cacheline::support
