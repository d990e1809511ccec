#pragma once

// Sleep and wake.

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace cacheline::parallel_detail {

/// Where threads sleep that looked for work and found none.
///
/// No wake-up is lost. A sleeper counts itself, then looks once more; whoever makes work publishes
/// it, then reads the count. All four are seq_cst operations, so in their total order either the
/// count comes before its reading, and the bell rings, or the work comes before the last look,
/// which finds it. The ringer goes through the mutex, so it can't ring in the gap between the
/// sleeper's look and its sleep.
///
/// No wake-up is spent twice on the same sleeper. It takes a sleeper microseconds to wake, and it
/// is not counted any more from the moment in which it is chosen. The next ringer wakes another
/// one, or learns that there is none left.
class Doorbell {
public:
    /// Sleeps until the bell rings, unless `look` is true at the last moment.
    /// @return whether it was.
    template <typename Look>
    bool sleep_unless(Look look) {
        std::unique_lock lock(mutex_);
        asleep_.fetch_add(1);
        if (look()) {
            asleep_.fetch_sub(1);
            return true;
        }
        rung_.wait(lock, [this] { return wakes_ > 0; });
        --wakes_;
        return false;
    }

    /// Wakes one sleeper, to look again. @return whether there was one.
    bool ring() {
        if (asleep_.load() == 0) return false;
        const std::lock_guard lock(mutex_);
        if (asleep_.load() == 0) return false;  // its last look found something
        asleep_.fetch_sub(1);
        ++wakes_;
        rung_.notify_one();
        return true;
    }

    void ring_all() {
        const std::lock_guard lock(mutex_);
        wakes_ += asleep_.exchange(0);
        rung_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable rung_;
    std::atomic<int> asleep_{0};  ///< those that nobody has chosen yet; changed under mutex_
    int wakes_ = 0;               ///< those that were chosen and still have to get up
};

}  // namespace cacheline::parallel_detail
