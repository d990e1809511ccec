#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include "probes.hpp"

namespace cacheline {
namespace {

// The number of leaves of a tree in which each node has `width` children, `depth` levels down.
long count_leaves(ParallelProcessor& processor, std::size_t width, int depth) {
    if (depth == 0) return 1;
    const std::vector<long> below = processor.process_parallel(
        numbers(width), [&](int) { return count_leaves(processor, width, depth - 1); });
    return std::accumulate(below.begin(), below.end(), 0L);
}

TEST_CASE("calls nested three deep end, on one thread and on many", "[nested][asan][tsan]") {
    WHY("when every thread waits for an inner call that needs a thread, nobody is left to run it");
    const Watchdog watchdog(8s, "nested calls did not return");
    for (const std::size_t threads : {1U, 2U, 8U}) {
        ParallelProcessor processor(threads);
        CAPTURE(threads);
        CHECK(count_leaves(processor, 10, 1) == 10);
        CHECK(count_leaves(processor, 12, 2) == 144);
        CHECK(count_leaves(processor, 9, 3) == 729);
        CHECK(count_leaves(processor, 2, 10) == 1024);
    }
}

TEST_CASE("eight threads may call at once", "[nested][asan][tsan]") {
    WHY("a server has one pool and many requests");
    const Watchdog watchdog(8s, "calls from eight threads did not all return");
    for (const std::size_t threads : {1U, 2U, 8U}) {
        ParallelProcessor processor(threads);
        std::atomic<int> wrong_answers = 0;
        std::vector<std::function<void()>> callers;
        for (int caller = 0; caller < 8; ++caller) {
            callers.push_back([&, caller] {
                const std::vector<int> items =
                    numbers(100 + static_cast<std::size_t>(caller) * 150);
                const auto f = [caller](int x) { return x * 8 + caller; };
                for (int round = 0; round < 20; ++round) {
                    if (first_mismatch(processor.process_parallel(items, f), items, f) != "none")
                        ++wrong_answers;
                    if (round % 5 == 0 && count_leaves(processor, 4, 3) != 64) ++wrong_answers;
                }
            });
        }
        support::run_together(callers);
        CHECK(wrong_answers == 0);
    }
}

TEST_CASE("more threads may call at once than the processor has ever seen", "[nested][tsan]") {
    WHY("whatever a call needs for itself, there must be enough of it");
    const Watchdog watchdog(8s, "calls from forty threads did not all return");
    ParallelProcessor processor(2);
    std::atomic<std::size_t> results = 0;
    const std::vector<std::function<void()>> callers(40, [&] {
        const auto f = [](int item) {
            if (item % 25 == 0) rest(5ms);  // so that the calls overlap
            return item;
        };
        results += processor.process_parallel(numbers(50), f).size();
    });
    support::run_together(callers);
    CHECK(results == 40 * 50);
}

TEST_CASE("idle threads help with an inner call", "[nested][tsan]") {
    WHY("work that is split late, in one item of an outer call, is work for all threads all the "
        "same");
    ParallelProcessor processor(4);
    Shares shares;
    processor.process_parallel(numbers(2), [&](int outer) {
        if (outer == 1) {
            processor.process_parallel(numbers(60), [&](int) {
                rest(1ms);
                shares.add();
                return 0;
            });
        }
        return 0;
    });
    INFO("60 inner items of 1 ms each, and 4 threads of which 3 have nothing else to do");
    CHECK(shares.total() == 60);
    const std::size_t threads_at_work = shares.threads();
    CHECK(threads_at_work >= 2);
    const std::size_t items_of_the_busiest = shares.largest();
    CHECK(items_of_the_busiest <= 45);
}

TEST_CASE("an exception of an inner call goes up through the outer ones", "[nested][asan][tsan]") {
    WHY("an inner call's failure is its item's failure");
    ParallelProcessor processor(3);
    const auto inner = [&](int outer) {
        const std::vector<int> results = processor.process_parallel(numbers(20), [&](int item) {
            if (item >= 10 && outer >= 5)
                throw std::runtime_error(std::to_string(outer * 100 + item));
            return item;
        });
        return static_cast<int>(results.size());
    };
    for (int round = 0; round < 20; ++round) {
        const std::string message = message_of<std::runtime_error>(
            [&] { static_cast<void>(processor.process_parallel(numbers(12), inner)); });
        INFO("the message is outer item * 100 + inner item");
        CHECK(message == "510");
    }
    CHECK(processor.process_parallel(numbers(3), inner) == std::vector<int>{20, 20, 20});
}

TEST_CASE("two processors may call each other", "[nested][asan][tsan]") {
    WHY("a library with a pool of its own calls back into a program that has another");
    const Watchdog watchdog(8s, "calls from one processor into another did not return");
    ParallelProcessor one(2);
    ParallelProcessor other(3);
    const std::vector<long> sums = one.process_parallel(numbers(20), [&](int) {
        const std::vector<long> inner =
            other.process_parallel(numbers(10), [&](int) { return count_leaves(one, 3, 2); });
        return std::accumulate(inner.begin(), inner.end(), 0L);
    });
    CHECK(sums == std::vector<long>(20, 90));
}

TEST_CASE("a call is shared however many other threads are in calls", "[nested][tsan]") {
    WHY("a server has as many requests as it has; the one that comes last must not work alone "
        "while "
        "workers sleep");
    const Watchdog watchdog(8s,
                            "while an item of the fortieth call took long, nobody did the rest");
    ParallelProcessor processor(4);
    std::atomic<bool> over = false;
    std::atomic<int> inside = 0;
    std::vector<std::function<void()>> callers(39, [&] {
        const std::thread::id caller = std::this_thread::get_id();
        bool counted = false;  // by the caller's thread only
        processor.process_parallel(numbers(2), [&](int) {
            // The caller stays; a worker that comes to help goes.
            if (std::this_thread::get_id() != caller) return 0;
            if (!std::exchange(counted, true)) ++inside;
            wait_until([&] { return over.load(); });
            return 0;
        });
        if (!counted) ++inside;  // workers were faster with both items
    });
    std::atomic<int> done = 0;
    callers.emplace_back([&] {
        wait_until([&] { return inside >= 39; });
        const std::thread::id caller = std::this_thread::get_id();
        processor.process_parallel(numbers(41), [&](int) {
            ++done;
            if (std::this_thread::get_id() == caller) wait_until([&] { return done >= 37; });
            return 0;
        });
        over = true;
    });
    support::run_together(callers);
    CHECK(done == 41);
}

// A call of two items in a call of two items and so on; in the last one `innermost` is called.
void descend(ParallelProcessor& processor, int levels, const std::function<void()>& innermost) {
    if (levels == 0) return innermost();
    processor.process_parallel(numbers(2), [&](int item) {
        if (item == 0) descend(processor, levels - 1, innermost);
        return 0;
    });
}

TEST_CASE("a call is shared however deep it is nested", "[nested][tsan]") {
    WHY("what the outer calls have put aside must not take the room in which the inner one offers "
        "its work");
    const Watchdog watchdog(8s, "while an item took long, 200 calls deep, nobody did the rest");
    ParallelProcessor processor(2);
    Meeting both(2);
    std::atomic<bool> deep = false;
    std::atomic<int> done = 0;
    processor.process_parallel(numbers(2), [&](int item) {
        both.arrive();
        if (item == 1) {
            wait_until([&] { return deep.load(); });
            return 0;
        }
        descend(processor, 200, [&] {
            const std::thread::id caller = std::this_thread::get_id();
            processor.process_parallel(numbers(21), [&](int) {
                ++done;
                deep = true;  // not before this call has offered what it can
                if (std::this_thread::get_id() == caller) wait_until([&] { return done >= 19; });
                return 0;
            });
        });
        return 0;
    });
    CHECK(done == 21);
}

}  // namespace
}  // namespace cacheline
