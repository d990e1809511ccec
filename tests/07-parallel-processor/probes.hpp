#pragma once

// What the suites of this exercise share.

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/threads.hpp"
#include "support/watchdog.hpp"

namespace cacheline {

using namespace std::chrono_literals;
using support::Watchdog;

/// 0, 1, 2, …
inline std::vector<int> numbers(std::size_t count) {
    std::vector<int> result(count);
    std::iota(result.begin(), result.end(), 0);
    return result;
}

/// The first item of which `f(items[i])` is not `results[i]`, or "none". Comparing here, rather
/// than in an assertion, keeps a failure's message short and a million comparisons fast.
template <typename Results, typename Items, typename F>
std::string first_mismatch(const Results& results, const Items& items, F f) {
    if (results.size() != items.size())
        return std::to_string(results.size()) + " results for " + std::to_string(items.size()) +
               " items";
    for (std::size_t i = 0; i < items.size(); ++i)
        if (!(results[i] == f(items[i]))) return "the result of item " + std::to_string(i);
    return "none";
}

/// Lets the others run until `done` is true.
template <typename Done>
void wait_until(Done done) {
    while (!done())
        std::this_thread::yield();
}

/// Where so many threads meet: none goes on before all of them are there.
class Meeting {
public:
    explicit Meeting(int threads) : due_(threads) {}
    void arrive() {
        ++there_;
        wait();
    }
    /// For one that does not take part.
    void wait() const {
        wait_until([this] { return there_ >= due_; });
    }

private:
    const int due_;
    std::atomic<int> there_ = 0;
};

/// A wait that takes time but no processor, so that a busy machine changes nothing.
inline void rest(std::chrono::microseconds time) {
    std::this_thread::sleep_for(time);
}

/// Processor time, of all threads, that this process has used so far.
inline std::chrono::nanoseconds processor_time() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// The text of what a call throws; "no exception" if it does not.
template <typename Error, typename Call>
std::string message_of(Call call) {
    try {
        call();
    } catch (const Error& error) {
        return error.what();
    }
    return "no exception";
}

/// Which threads did something, and how often.
class Shares {
public:
    void add() {
        const std::lock_guard lock(mutex_);
        who_.push_back(std::this_thread::get_id());
    }
    [[nodiscard]] std::size_t threads() const {
        return std::set<std::thread::id>(who_.begin(), who_.end()).size();
    }
    [[nodiscard]] std::size_t total() const { return who_.size(); }
    /// What the busiest thread did.
    [[nodiscard]] std::size_t largest() const {
        std::ptrdiff_t most = 0;
        for (const std::thread::id id : who_)
            most = std::max(most, std::ranges::count(who_, id));
        return static_cast<std::size_t>(most);
    }

private:
    std::mutex mutex_;
    std::vector<std::thread::id> who_;
};

}  // namespace cacheline
