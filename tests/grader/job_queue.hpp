#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace cacheline::grader {

/// Runs jobs on a fixed number of threads, first come first served. A job may add further ones: a
/// link step its test cases. Thread-safe.
class JobQueue {
public:
    explicit JobQueue(std::size_t threads) {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this] { work(); });
    }

    ~JobQueue() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        changed_.notify_all();
    }

    JobQueue(const JobQueue&) = delete;
    JobQueue& operator=(const JobQueue&) = delete;

    void add(std::function<void()> job) {
        {
            const std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
            ++unfinished_;
        }
        changed_.notify_one();
    }

    /// Returns when all jobs, and those that they added, are done; throws the first exception that
    /// one of them let go.
    void wait() {
        std::unique_lock lock(mutex_);
        done_.wait(lock, [this] { return unfinished_ == 0; });
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            const std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            lock.unlock();
            std::exception_ptr error;
            try {
                job();
            } catch (...) {
                error = std::current_exception();
            }
            lock.lock();
            if (error && !error_) error_ = error;
            if (--unfinished_ == 0) done_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::condition_variable done_;
    std::deque<std::function<void()>> jobs_;
    std::size_t unfinished_ = 0;
    bool closed_ = false;
    std::exception_ptr error_;
    std::vector<std::jthread> threads_;  // last: they use all of the above
};

}  // namespace cacheline::grader
