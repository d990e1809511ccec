#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include "probes.hpp"

// What a thread does while it waits for the end of its call: what it must not begin, and what it
// must be woken for.

namespace cacheline {
namespace {

// Long enough for every idle thread to be asleep.
constexpr auto kUntilAsleep = 20ms;

// Who holds the one lock.
class Holder {
public:
    [[nodiscard]] bool is_me() const { return id_.load() == std::this_thread::get_id(); }
    template <typename Work>
    void lock_around(Work work) {
        const std::lock_guard lock(mutex_);
        id_ = std::this_thread::get_id();
        work();
        id_ = std::thread::id();
    }

private:
    std::mutex mutex_;
    std::atomic<std::thread::id> id_{};
};

TEST_CASE("an item may hold a lock around an inner call", "[nested][tsan]") {
    WHY("a thread that waits for its inner call, and meanwhile begins another outer item, finds "
        "its own lock in the way: a deadlock that comes once in a thousand runs");
    const Watchdog watchdog(8s, "items that hold a lock around an inner call did not all end");
    ParallelProcessor processor(4);
    Holder holder;
    std::atomic<int> caught = 0;
    processor.process_parallel(numbers(64), [&](int) {
        if (holder.is_me()) {  // std::mutex would never return
            ++caught;
            return 0;
        }
        holder.lock_around([&] {
            processor.process_parallel(numbers(12), [&](int item) {
                if (item > 0) rest(100us);
                return 0;
            });
        });
        return 0;
    });
    const int begun_by_a_thread_that_held_the_lock = caught;
    CHECK(begun_by_a_thread_that_held_the_lock == 0);
}

TEST_CASE("a thread that waits begins no item of a call elsewhere, however deep",
          "[nested][tsan]") {
    WHY("that another call is nested deeper says nothing about the locks that its items want: only "
        "what is nested in a thread's own call is what it waits for anyway");
    const Watchdog watchdog(8s, "items that hold a lock around an inner call did not all end");
    ParallelProcessor processor(3);
    Holder holder;
    std::atomic<int> caught = 0;
    Meeting outer(2);
    Meeting inner(2);
    std::atomic<bool> stays = false;
    std::atomic<bool> over = false;
    processor.process_parallel(numbers(2), [&](int branch) {
        outer.arrive();
        if (branch == 0) {
            // This thread waits, with the lock, for an item that the third one has.
            holder.lock_around([&] {
                processor.process_parallel(numbers(2), [&](int) {
                    inner.arrive();
                    if (!holder.is_me() && !stays.exchange(true))
                        wait_until([&] { return over.load(); });
                    return 0;
                });
            });
            return 0;
        }
        // Meanwhile the second thread offers items that are nested deeper and might want the lock.
        // It does so in the last item of the call around them, of which nothing is left to offer.
        inner.wait();
        std::atomic<int> before = 0;
        processor.process_parallel(numbers(2), [&](int) {
            if (holder.is_me()) ++caught;
            if (before++ == 0) return 0;
            const auto late = std::chrono::steady_clock::now() + 100ms;
            std::atomic<int> begun = 0;
            processor.process_parallel(numbers(2), [&](int) {
                if (holder.is_me()) ++caught;
                ++begun;
                wait_until([&] { return begun == 2 || std::chrono::steady_clock::now() > late; });
                return 0;
            });
            return 0;
        });
        over = true;
        return 0;
    });
    const int begun_by_a_thread_that_held_the_lock = caught;
    CHECK(begun_by_a_thread_that_held_the_lock == 0);
}

TEST_CASE("of ten thousand items none is begun by a thread that holds its lock", "[nested][tsan]") {
    WHY("such an item would wait for its own thread, for ever");
    SEEDED_RNG(rng);
    const std::uint64_t seed = rng();
    const Watchdog watchdog(15s, "items that hold a lock around an inner call did not all end");
    for (const std::size_t threads : {2U, 4U, 8U}) {
        ParallelProcessor processor(threads);
        Holder holder;
        std::atomic<int> caught = 0;
        std::atomic<int> begun = 0;
        // One item in four takes the lock for all that is nested in it, unless it is itself nested
        // in such an item.
        const std::function<void(std::uint64_t, int, bool)> tree = [&](std::uint64_t place,
                                                                       int levels, bool locked) {
            const auto inner = [&](bool inner_locked) {
                if (levels == 0) return rest(10us);
                processor.process_parallel(numbers(3), [&](int item) {
                    tree(place * 3 + static_cast<std::uint64_t>(item) + 1, levels - 1,
                         inner_locked);
                    return 0;
                });
            };
            ++begun;
            if (locked || (place * 0x9E3779B97F4A7C15U ^ seed) >> 62 != 0) return inner(locked);
            if (holder.is_me()) {
                ++caught;
                return;
            }
            holder.lock_around([&] { inner(true); });
        };
        for (int round = 0; round < 4; ++round)
            tree(seed % 1000 + 1, 6, false);
        CAPTURE(threads);
        const int items = begun;
        const int begun_by_a_thread_that_held_the_lock = caught;
        CHECK(begun_by_a_thread_that_held_the_lock == 0);
        CHECK(items + 1093 * caught >= 4 * 1093);
    }
}

// In a call of two items that begin together: the one on the caller's own thread is over, so that
// thread waits, and soon sleeps. The other one, on another thread, goes on with `work`.
template <typename Work>
void beside_a_waiting_caller(ParallelProcessor& processor, Work work) {
    const std::thread::id caller = std::this_thread::get_id();
    Meeting both(2);
    std::atomic<bool> chosen = false;
    processor.process_parallel(numbers(2), [&](int) {
        both.arrive();
        if (std::this_thread::get_id() != caller && !chosen.exchange(true)) work();
        return 0;
    });
}

// Two items that must run at the same time.
void meet(ParallelProcessor& processor) {
    Meeting both(2);
    processor.process_parallel(numbers(2), [&](int) {
        both.arrive();
        return 0;
    });
}

TEST_CASE("a waiting thread is woken for work that is nested in its call", "[nested][tsan]") {
    WHY("it is the only one that has nothing to do; a wake-up that is spent on a thread that was "
        "just woken for something else helps nobody");
    const Watchdog watchdog(8s,
                            "a thread slept, waiting for its call, while work nested in it lay "
                            "there");
    ParallelProcessor processor(3);
    for (int round = 0; round < 5; ++round) {
        beside_a_waiting_caller(processor, [&] {
            rest(kUntilAsleep);
            // Two sleepers. One item for the first, and at once another, which is for the second.
            std::atomic<int> begun = 0;
            std::atomic<bool> over = false;
            processor.process_parallel(numbers(2), [&](int) {
                if (++begun == 1) {
                    meet(processor);
                    over = true;
                } else {
                    wait_until([&] { return over.load(); });
                }
                return 0;
            });
        });
    }
    SUCCEED("all calls returned");
}

TEST_CASE("a waiting thread is woken for work that comes by way of another processor",
          "[nested][tsan]") {
    WHY("a call that another processor's item makes is nested in the call around that as well");
    const Watchdog watchdog(8s,
                            "a thread slept, waiting for its call, while work nested in it lay "
                            "there");
    ParallelProcessor one(2);
    ParallelProcessor other(2);
    for (int round = 0; round < 5; ++round) {
        beside_a_waiting_caller(one, [&] {
            rest(kUntilAsleep);
            other.process_parallel(numbers(2), [&](int item) {
                if (item == round % 2) meet(one);
                return 0;
            });
        });
    }
    SUCCEED("all calls returned");
}

TEST_CASE("no wake-up is spent on a thread that waits for an inner call", "[nested][tsan]") {
    WHY("a thread that has made two calls waits for the inner one, and may do nothing for the "
        "outer "
        "one");
    const Watchdog watchdog(8s,
                            "a thread slept, waiting for its call, while work nested in it lay "
                            "there");
    ParallelProcessor processor(4);
    for (int round = 0; round < 5; ++round) {
        beside_a_waiting_caller(processor, [&] {
            rest(kUntilAsleep);
            Meeting pair(2);
            Meeting inner(2);
            std::atomic<bool> stays = false;
            std::atomic<bool> over = false;
            processor.process_parallel(numbers(2), [&](int item) {
                pair.arrive();
                if (item == 0) {
                    // This thread waits for an item that another one has.
                    const std::thread::id caller = std::this_thread::get_id();
                    processor.process_parallel(numbers(2), [&](int) {
                        inner.arrive();
                        if (std::this_thread::get_id() != caller && !stays.exchange(true))
                            wait_until([&] { return over.load(); });
                        return 0;
                    });
                } else {
                    inner.wait();
                    rest(kUntilAsleep);
                    meet(processor);
                    over = true;
                }
                return 0;
            });
        });
    }
    SUCCEED("all calls returned");
}

TEST_CASE("no wake-up is spent on a thread that waits for a call elsewhere", "[nested][tsan]") {
    WHY("a thread that waits for its call may not take another's items, so to wake it for them is "
        "to wake nobody");
    const Watchdog watchdog(8s, "a worker slept while there was work that no other might take");
    ParallelProcessor processor(3);
    std::atomic<bool> waiting = false;
    std::atomic<bool> over = false;
    const auto first_caller = [&] {
        beside_a_waiting_caller(processor, [&] {
            waiting = true;
            wait_until([&] { return over.load(); });
        });
    };
    const auto second_caller = [&] {
        wait_until([&] { return waiting.load(); });
        // Before the first time the worker has slept longer than the other caller, then not as
        // long.
        for (int round = 0; round < 4; ++round) {
            rest(kUntilAsleep);
            meet(processor);
        }
        over = true;
    };
    support::run_together({first_caller, second_caller});
    SUCCEED("all calls returned");
}

}  // namespace
}  // namespace cacheline
