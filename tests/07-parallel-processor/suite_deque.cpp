#include "support/suite.hpp"

#include <work_stealing_deque.hpp>

#include <optional>

#include "probes.hpp"

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

}  // namespace
}  // namespace cacheline
