#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <stdexcept>

#include "probes.hpp"
#include "support/lifetime.hpp"

namespace cacheline {
namespace {

using support::Lifetime;
using support::MoveOnly;

// Items throw their index.
std::string exception_of(int index) {
    return "the exception of item " + std::to_string(index);
}

// What a call throws, in words.
template <typename Call>
std::string thrown_by(Call call) {
    try {
        call();
    } catch (const int index) {
        return exception_of(index);
    }
    return "no exception";
}

TEST_CASE("of several exceptions the first in input order arrives", "[errors][asan][tsan]") {
    WHY("a result that depends on who was faster can't be reproduced, and can't be debugged");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    SEEDED_RNG(rng);
    for (const std::size_t threads : {1U, 2U, 8U}) {
        ParallelProcessor processor(threads);
        for (int round = 0; round < 20; ++round) {
            const std::size_t size = 2 + rng() % 2000;
            std::vector<int> items = numbers(size);
            std::vector<char> bad(size);
            for (std::size_t i = 0; i < 1 + rng() % 6; ++i)
                bad[rng() % size] = 1;
            const int first = static_cast<int>(std::ranges::find(bad, 1) - bad.begin());
            const auto f = [&](int item) {
                if (bad[static_cast<std::size_t>(item)] == 0) return item;
                // The one that must win is the last to throw.
                if (item == first) rest(2ms);
                throw item;
            };
            CAPTURE(threads, size);
            const std::string expected = exception_of(first);
            std::string got = thrown_by([&] { processor.process_parallel(items, f); });
            CHECK(got == expected);
            got = thrown_by([&] { processor.process_into(items, std::span(items), f); });
            CHECK(got == expected);
        }
    }
}

TEST_CASE("an exception of any one item arrives", "[errors][asan][tsan]") {
    WHY("an exception that leaves a thread ends the program, and one that is dropped hides a "
        "fault");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    ParallelProcessor processor(3);
    const std::vector<int> items = numbers(40);
    for (const int bad : items) {
        const auto f = [&](int item) {
            if (item == bad) throw std::range_error("item " + std::to_string(item));
            return item;
        };
        const std::string caught = message_of<std::range_error>(
            [&] { static_cast<void>(processor.process_parallel(items, f)); });
        CHECK(caught == "item " + std::to_string(bad));
    }
}

TEST_CASE("all items before the one that threw have been processed", "[errors][tsan]") {
    WHY("only then can it be known that it is the first");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    ParallelProcessor processor(4);
    const std::vector<int> items = numbers(600);
    for (const int bad : {1, 299, 598}) {
        std::vector<std::atomic<int>> done(items.size());
        const auto f = [&](int item) {
            if (item == bad) throw item;
            if (item < bad && item % 50 == 0) rest(500us);
            ++done[static_cast<std::size_t>(item)];
            return item;
        };
        const std::string got = thrown_by([&] { processor.process_parallel(items, f); });
        const std::string expected = exception_of(bad);
        CHECK(got == expected);
        INFO("item " << bad << " of 600 threw");
        const auto items_before_it_done = std::count(done.begin(), done.begin() + bad, 1);
        CHECK(items_before_it_done == bad);
    }
}

TEST_CASE("the items behind one that threw are abandoned soon", "[errors][tsan]") {
    WHY("whoever gets an error wants it now, not after an hour of work that is thrown away");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    ParallelProcessor processor(4);
    const std::vector<int> items = numbers(10'000);
    std::atomic<int> begun = 0;
    const auto f = [&](int item) {
        ++begun;
        if (item == 3) throw item;
        rest(100us);
        return item;
    };
    const std::string expected = exception_of(3);
    std::string got = thrown_by([&] { processor.process_parallel(items, f); });
    CHECK(got == expected);
    INFO("item 3 of 10000 threw at once; the others take 100 us each");
    int items_begun = begun;
    CHECK(items_begun < 3'000);

    begun = 0;
    const auto chunk = [&](std::span<const int> part) { return std::vector<int>(1, f(part[0])); };
    got = thrown_by([&] { processor.process_chunked(items, 1, chunk); });
    CHECK(got == expected);
    items_begun = begun;
    CHECK(items_begun < 3'000);
}

TEST_CASE("the first chunk in order decides what a chunked call throws", "[errors][asan][tsan]") {
    WHY("what holds for items holds for chunks");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    ParallelProcessor processor(3);
    const std::vector<int> items = numbers(1'000);
    for (const int bad : {0, 37, 999}) {
        const auto f = [&](std::span<const int> chunk) {
            for (const int item : chunk) {
                if (item == bad) rest(1ms);
                if (item >= bad) throw item;
            }
            return std::vector<int>(chunk.begin(), chunk.end());
        };
        const std::string got = thrown_by([&] { processor.process_chunked(items, 9, f); });
        const std::string expected = exception_of(bad);
        CHECK(got == expected);
    }
}

TEST_CASE("nothing is left alive after an exception", "[errors][asan][tsan]") {
    WHY("results that were made before the exception have an owner too: the call that failed");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    Lifetime::reset();
    for (const std::size_t threads : {1U, 2U, 4U}) {
        ParallelProcessor processor(threads);
        const std::vector<int> items = numbers(300);
        for (const int bad : {0, 1, 150, 298, 299}) {
            const auto f = [&](int item) {
                MoveOnly result(static_cast<std::uint64_t>(item));
                if (item == bad) throw item;
                return result;
            };
            const std::string expected = exception_of(bad);
            std::string got = thrown_by([&] { processor.process_parallel(items, f); });
            CHECK(got == expected);
            const auto chunk = [&](std::span<const int> part) {
                std::vector<MoveOnly> results;
                for (const int item : part)
                    results.push_back(f(item));
                return results;
            };
            got = thrown_by([&] { processor.process_chunked(items, 4, chunk); });
            CHECK(got == expected);
        }
        std::vector<MoveOnly> given;
        for (std::uint64_t i = 0; i < 100; ++i)
            given.emplace_back(i);
        const std::string got = thrown_by([&] {
            processor.process_parallel(std::move(given), [](MoveOnly&& item) -> MoveOnly {
                if (item.value() == 60) throw 60;
                return std::move(item);
            });
        });
        const std::string expected = exception_of(60);
        CHECK(got == expected);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("after an exception the places of the items before it have their results",
          "[errors][tsan]") {
    WHY("whoever knows which item failed can go on from there");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    ParallelProcessor processor(3);
    const std::vector<int> items = numbers(400);
    for (const int bad : {1, 200, 399}) {
        std::vector<int> places(items.size(), -1);
        const std::string got = thrown_by([&] {
            processor.process_into(items, std::span(places), [&](int item) {
                if (item == bad) throw item;
                if (item < bad && item % 50 == 0) rest(500us);
                return item;
            });
        });
        const std::string expected = exception_of(bad);
        CHECK(got == expected);
        const bool places_before_it_are_written =
            std::equal(places.begin(), places.begin() + bad, items.begin());
        CHECK(places_before_it_are_written);
    }
}

TEST_CASE("a processor that has seen an exception is as good as before", "[errors][asan][tsan]") {
    WHY("one bad request must not take the service down");
    const Watchdog watchdog(8s, "calls after an exception did not return");
    ParallelProcessor processor(3);
    const std::vector<int> items = numbers(500);
    for (int bad = 0; bad < 60; ++bad) {
        const std::string got = thrown_by([&] {
            processor.process_parallel(items, [&](int x) { return x < bad ? x : throw x; });
        });
        const std::string expected = exception_of(bad);
        CHECK(got == expected);
        const auto results = processor.process_parallel(items, std::negate<int>());
        const std::string first_wrong = first_mismatch(results, items, std::negate<int>());
        CHECK(first_wrong == "none");
    }
    // All threads are still there.
    std::atomic<int> arrived = 0;
    processor.process_parallel(numbers(3), [&](int) {
        ++arrived;
        wait_until([&] { return arrived == 3; });
        return 0;
    });
    CHECK(arrived == 3);
}

}  // namespace
}  // namespace cacheline
