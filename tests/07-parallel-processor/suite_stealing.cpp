#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <array>
#include <work_stealing_deque.hpp>

#include "probes.hpp"
#include "support/lock_counter.hpp"

namespace cacheline {
namespace {

// Longer than a machine word, and able to tell whether it is in one piece.
struct Entry {
    std::uint64_t number;
    std::uint64_t square;
    std::uint64_t inverse;

    static Entry of(std::uint64_t number) { return {number, number * number, ~number}; }
    [[nodiscard]] bool whole() const { return square == number * number && inverse == ~number; }
};

// Which entries were taken, how often, and in one piece.
class Taken {
public:
    // More than are pushed in the time that a stress runs.
    static constexpr std::size_t kMost = 8'000'000;

    void operator()(const Entry& entry) {
        if (!entry.whole() || entry.number >= counts_.size())
            ++torn_;
        else
            ++counts_[entry.number];
    }

    // About the numbers from 0 to pushed - 1.
    [[nodiscard]] std::string verdict(std::size_t pushed) const {
        std::size_t lost = 0;
        std::size_t doubled = 0;
        for (std::size_t i = 0; i < pushed; ++i) {
            lost += counts_[i] == 0 ? 1 : 0;
            doubled += counts_[i] > 1 ? 1 : 0;
        }
        return std::to_string(lost) + " lost, " + std::to_string(doubled) + " taken twice, " +
               std::to_string(torn_) + " torn";
    }

private:
    std::vector<std::atomic<std::uint8_t>> counts_ = std::vector<std::atomic<std::uint8_t>>(kMost);
    std::atomic<std::size_t> torn_ = 0;
};

const std::string kAllTakenOnce = "0 lost, 0 taken twice, 0 torn";

// Lets `owner(next)`, which pushes Entry::of(next) and counts next up, run again and again while
// `thieves` steal, until they have stolen enough. That, and not a number of rounds, is how often
// the two have met: on a busy machine they seldom run side by side. In the end nothing is left.
template <typename Deque, typename Owner>
std::string stress(Deque& deque, Taken& taken, std::size_t thieves, Owner owner) {
    constexpr std::size_t kEnough = support::kSanitized ? 5'000 : 30'000;
    const auto end = std::chrono::steady_clock::now() + 2s;
    std::uint64_t next = 0;
    std::atomic<std::size_t> stolen = 0;
    std::atomic<bool> over = false;
    std::vector<std::function<void()>> threads;
    threads.push_back([&] {
        try {
            while (stolen < kEnough && next + 1000 < Taken::kMost &&
                   std::chrono::steady_clock::now() < end)
                for (int i = 0; i < 8; ++i)
                    owner(next);
            while (const auto entry = deque.try_pop())
                taken(*entry);
        } catch (...) {
            over = true;
            throw;
        }
        over = true;
    });
    for (std::size_t i = 0; i < thieves; ++i) {
        threads.push_back([&] {
            std::vector<Entry> loot;
            while (!over) {
                // In a run, with nothing in between that would slow the thief down.
                for (int misses = 0; misses < 50 && loot.size() < 64;) {
                    if (const auto entry = deque.try_steal())
                        loot.push_back(*entry);
                    else
                        ++misses;
                }
                for (const Entry& entry : loot)
                    taken(entry);
                stolen += loot.size();
                if (loot.empty()) std::this_thread::yield();
                loot.clear();
            }
        });
    }
    support::run_together(threads);
    return taken.verdict(next);
}

TEST_CASE("the owner takes what is newest, a thief what is oldest", "[stealing][asan]") {
    WHY("what is newest is warm in the owner's cache; what is oldest is the largest piece to carry "
        "off");
    WorkStealingDeque<Entry> deque;
    const auto number = [](const std::optional<Entry>& entry) {
        return entry ? static_cast<int>(entry->number) : -1;
    };
    CHECK(number(deque.try_pop()) == -1);
    CHECK(number(deque.try_steal()) == -1);
    for (std::uint64_t i = 0; i < 6; ++i)
        CHECK(deque.try_push(Entry::of(i)));
    CHECK(number(deque.try_pop()) == 5);
    CHECK(number(deque.try_steal()) == 0);
    CHECK(number(deque.try_steal()) == 1);
    CHECK(number(deque.try_pop()) == 4);
    CHECK(deque.try_push(Entry::of(9)));
    CHECK(number(deque.try_steal()) == 2);
    CHECK(number(deque.try_pop()) == 9);
    CHECK(number(deque.try_pop()) == 3);
    CHECK(number(deque.try_pop()) == -1);
    CHECK(number(deque.try_steal()) == -1);
    CHECK(deque.try_push(Entry::of(7)));
    CHECK(number(deque.try_steal()) == 7);
}

TEST_CASE("a deque takes as many items as it has room for, again and again", "[stealing][asan]") {
    WHY("the places are used in a circle, and where it closes is where items are overwritten");
    SEEDED_RNG(rng);
    WorkStealingDeque<std::uint64_t, 8> deque;
    std::vector<std::uint64_t> model;
    std::uint64_t next = 0;
    std::size_t refused_early = 0;
    std::size_t wrong = 0;
    for (int step = 0; step < 20'000; ++step) {
        const auto choice = rng() % 8;
        if (choice < 4) {
            if (deque.try_push(next)) {
                model.push_back(next);
            } else if (model.size() < 8) {
                ++refused_early;
            }
            ++next;
        } else if (choice < 6) {
            const auto item = deque.try_pop();
            if (item != (model.empty() ? std::nullopt : std::optional(model.back()))) ++wrong;
            if (!model.empty()) model.pop_back();
        } else {
            const auto item = deque.try_steal();
            if (item != (model.empty() ? std::nullopt : std::optional(model.front()))) ++wrong;
            if (!model.empty()) model.erase(model.begin());
        }
    }
    const std::size_t pushes_refused_with_room_left = refused_early;
    const std::size_t pops_and_steals_of_a_wrong_item = wrong;
    CHECK(pushes_refused_with_room_left == 0);
    CHECK(pops_and_steals_of_a_wrong_item == 0);
}

TEST_CASE("each item is taken once, by the owner or by a thief", "[stealing][asan][tsan]") {
    WHY("an item taken twice is work done twice, in memory that may belong to somebody else by "
        "then");
    SEEDED_RNG(rng);
    WorkStealingDeque<Entry, 16> deque;
    Taken taken;
    const std::string verdict = stress(deque, taken, 3, [&](std::uint64_t& next) {
        for (std::size_t burst = rng() % 20; burst > 0; --burst) {
            if (!deque.try_push(Entry::of(next))) break;
            ++next;
        }
        for (std::size_t burst = rng() % 20; burst > 0; --burst) {
            const auto entry = deque.try_pop();
            if (!entry) break;
            taken(*entry);
        }
    });
    CHECK(verdict == kAllTakenOnce);
}

TEST_CASE("the last items are taken once when owner and thief reach for them together",
          "[stealing][tsan]") {
    WHY("the owner's claim must be visible before it looks at the thieves' index: store, then "
        "load, is the one order that a processor swaps by itself");
    WorkStealingDeque<Entry, 16> deque;
    Taken taken;
    // What the owner writes before it pops, far apart: while its processor still waits for these
    // lines, a store that comes after them is not visible to anybody either.
    std::vector<std::uint64_t> results(std::size_t{1} << 22);
    volatile std::uint64_t* const memory = results.data();
    std::uint64_t place = 1;
    std::vector<Entry> popped;
    const std::string verdict = stress(deque, taken, 1, [&](std::uint64_t& next) {
        for (int burst = 0; burst < 16; ++burst)
            if (deque.try_push(Entry::of(next))) ++next;
        for (;;) {
            for (int i = 0; i < 4; ++i) {
                place = place * 6364136223846793005U + 1442695040888963407U;
                memory[place >> 42] = next;
            }
            const auto entry = deque.try_pop();
            if (!entry) break;
            popped.push_back(*entry);
        }
        for (const Entry& entry : popped)
            taken(entry);
        popped.clear();
    });
    CHECK(verdict == kAllTakenOnce);
}

TEST_CASE("a thief gets an item in one piece though its place is filled again at once",
          "[stealing][tsan]") {
    WHY("once a thief has moved the index the place belongs to the owner: whoever reads it then "
        "reads the next item");
    WorkStealingDeque<Entry, 2> deque;
    Taken taken;
    const std::string verdict = stress(deque, taken, 1, [&](std::uint64_t& next) {
        for (int tries = 0; tries < 10; ++tries)
            if (deque.try_push(Entry::of(next))) ++next;
    });
    CHECK(verdict == kAllTakenOnce);
}

TEST_CASE("a thief sees what the owner wrote before it pushed", "[stealing][tsan]") {
    WHY("an entry is a pointer to a task more often than not, and the task was written just "
        "before");
    constexpr std::size_t kTasks = 20'000;
    WorkStealingDeque<const std::uint64_t*, 64> deque;
    std::vector<std::uint64_t> tasks(kTasks);
    std::atomic<std::size_t> seen = 0;
    std::atomic<std::size_t> wrong = 0;
    const auto take = [&](const std::uint64_t* task) {
        if (*task != static_cast<std::uint64_t>(task - tasks.data()) + 1) ++wrong;
        ++seen;
    };
    const auto owner = [&] {
        for (std::size_t i = 0; i < kTasks; ++i) {
            tasks[i] = i + 1;
            while (!deque.try_push(&tasks[i]))
                std::this_thread::yield();
            if (i % 3 == 0)
                if (const auto task = deque.try_pop()) take(*task);
        }
    };
    std::atomic<bool> pushed = false;
    const auto thief = [&] {
        while (!pushed) {
            if (const auto task = deque.try_steal())
                take(*task);
            else
                std::this_thread::yield();
        }
    };
    support::run_together({[&] {
                               owner();
                               pushed = true;
                               while (const auto task = deque.try_pop())
                                   take(*task);
                           },
                           thief, thief});
    const std::size_t tasks_taken = seen;
    const std::size_t tasks_seen_unwritten = wrong;
    CHECK(tasks_taken == kTasks);
    CHECK(tasks_seen_unwritten == 0);
}

TEST_CASE("while one item takes long the others finish the rest", "[stealing][tsan]") {
    WHY("a worker that is held up must not keep what it has not begun: that is what stealing is "
        "for");
    const std::vector<int> items = numbers(2'000);
    for (const std::size_t threads : {2U, 4U}) {
        ParallelProcessor processor(threads);
        for (const int pinned : {0, 1, 777, 1'000, 1'999}) {
            const Watchdog watchdog(
                5s,
                "while item " + std::to_string(pinned) +
                    " of 2000 took long, nine tenths of the rest did not end",
                "what a held-up worker has not begun, others must take from it");
            std::atomic<std::size_t> done = 0;
            processor.process_parallel(items, [&](int item) {
                if (item == pinned) wait_until([&] { return done >= items.size() * 9 / 10; });
                ++done;
                return 0;
            });
            CHECK(done == items.size());
        }
    }
}

TEST_CASE("costly items that stand together are shared among the threads", "[stealing][tsan]") {
    WHY("with 90% of the work in the last 1% of the items, a fixed share for each thread, or a "
        "chunk of a hundred items, is the speed of one core");
    constexpr std::size_t kItems = 10'000;
    constexpr std::size_t kCostly = 100;
    const std::vector<int> items = numbers(kItems);
    ParallelProcessor processor(4);
    for (const std::size_t first : {std::size_t{0}, kItems / 2, kItems - kCostly}) {
        Shares shares;
        processor.process_parallel(items, [&](int item) {
            const auto place = static_cast<std::size_t>(item);
            if (place >= first && place < first + kCostly) {
                rest(1ms);
                shares.add();
            }
            return 0;
        });
        CAPTURE(first);
        CHECK(shares.total() == kCostly);
        INFO("100 costly items, 4 threads: 25 for each would be ideal");
        const std::size_t costly_items_of_the_busiest = shares.largest();
        CHECK(costly_items_of_the_busiest <= 60);
    }
}

TEST_CASE("threads that find nothing to take sleep until the call ends", "[stealing]") {
    WHY("three threads that spin while the fourth works take its power and its memory bandwidth");
    ParallelProcessor processor(4);
    const auto before = processor_time();
    processor.process_parallel(numbers(2), [](int item) {
        if (item == 1) rest(400ms);
        return 0;
    });
    const auto used =
        std::chrono::duration_cast<std::chrono::microseconds>(processor_time() - before);
    INFO("processor time while one item slept for 400 ms");
    const auto microseconds_used = used.count();
    CHECK(microseconds_used < 20'000);
}

TEST_CASE("a sleeping thread is woken by every call that has work for it", "[stealing][tsan]") {
    WHY("a wake-up that falls between a thread's last look and its sleep is lost, unless care is "
        "taken");
    SEEDED_RNG(rng);
    const support::SlowLocks slow_locks(100us);
    // Each call is a chance to fall into the gap. As many on a busy machine as on an idle one,
    // where they take a second; only a very slow one does without the rest.
    constexpr int kBatches = 10;
    for (const std::size_t threads : {2U, 4U}) {
        ParallelProcessor processor(threads);
        const auto late = std::chrono::steady_clock::now() + 4s;
        for (int batch = 0; batch < kBatches && std::chrono::steady_clock::now() < late; ++batch) {
            const Watchdog watchdog(5s, "items that wait for each other did not all run",
                                    "a thread slept through the work that was there for it");
            for (int round = 0; round < 20; ++round) {
                // A few milliseconds are as long as a thread may stay awake.
                rest(std::chrono::microseconds(rng() % (round % 4 == 0 ? 6000 : 400)));
                std::atomic<std::size_t> arrived = 0;
                processor.process_parallel(numbers(threads), [&](int) {
                    ++arrived;
                    wait_until([&] { return arrived == threads; });
                    return 0;
                });
            }
        }
    }
    SUCCEED("all calls returned");
}

}  // namespace
}  // namespace cacheline
