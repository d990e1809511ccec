#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <array>
#include <deque>
#include <optional>

#include "probes.hpp"
#include "support/lifetime.hpp"

namespace cacheline {
namespace {

using support::Lifetime;
using support::MoveOnly;
using support::Tracked;

TEST_CASE("results come in the order of the input", "[map][asan][tsan]") {
    WHY("which thread finishes first is chance; the place of a result must not be");
    SEEDED_RNG(rng);
    const auto f = [](std::uint64_t x) { return x * x + 1; };
    for (const std::size_t threads : {1U, 2U, 3U, 8U}) {
        ParallelProcessor processor(threads);
        for (const std::size_t size : {2U, 3U, 17U, 1000U, 30'000U}) {
            CAPTURE(threads, size);
            std::vector<std::uint64_t> items(size);
            std::ranges::generate(items, std::ref(rng));
            const std::string first_wrong =
                first_mismatch(processor.process_parallel(items, f), items, f);
            CHECK(first_wrong == "none");
        }
    }
}

TEST_CASE("an empty range gives no results, one item gives one", "[map][asan]") {
    WHY("the ends of the scale are where an index goes wrong");
    ParallelProcessor processor(3);
    std::atomic<int> calls = 0;
    const auto f = [&](int x) {
        ++calls;
        return x + 1;
    };
    CHECK(processor.process_parallel(std::vector<int>(), f).empty());
    processor.process_into(std::vector<int>(), std::span<int>(), f);
    CHECK(calls == 0);

    CHECK(processor.process_parallel(std::vector<int>{41}, f) == std::vector<int>{42});
    int place = 0;
    processor.process_into(std::vector<int>{1}, std::span<int>(&place, 1), f);
    CHECK(place == 2);
    CHECK(calls == 2);
}

TEST_CASE("each item is processed once, by a function that is never copied", "[map][asan][tsan]") {
    WHY("work that two threads share must be taken by exactly one of them");
    struct Count {
        explicit Count(std::size_t size) : calls(size) {}
        Count(const Count&) = delete;
        int operator()(int item) {
            ++calls[static_cast<std::size_t>(item)];
            return 0;
        }
        std::vector<std::atomic<int>> calls;
    };
    for (const std::size_t threads : {2U, 4U}) {
        ParallelProcessor processor(threads);
        const std::vector<int> items = numbers(20'000);
        Count count(items.size());
        const std::vector<int> results = processor.process_parallel(items, count);
        CHECK(results.size() == items.size());
        const auto items_processed_once = std::count(count.calls.begin(), count.calls.end(), 1);
        CHECK(items_processed_once == std::ssize(items));
    }
}

TEST_CASE("any range with random access will do, and any function", "[map][asan]") {
    WHY("a student's own container and a member function are as good as a vector and a lambda");
    ParallelProcessor processor(2);
    const std::deque<std::string> words{"one", "two", "three"};
    CHECK(processor.process_parallel(words, &std::string::size) ==
          std::vector<std::size_t>{3, 3, 5});
    const std::array<int, 3> array{1, 2, 3};
    CHECK(processor.process_parallel(array, std::negate<int>()) == std::vector<int>{-1, -2, -3});
    int plain[] = {1, 2};
    const auto add_one = [](int& x) { return ++x; };
    CHECK(processor.process_parallel(plain, add_one) == std::vector<int>{2, 3});
    CHECK(plain[1] == 3);
}

TEST_CASE("an rvalue's items are moved into the function, an lvalue's are left alone",
          "[map][asan][tsan]") {
    WHY("whoever hands over a vector gets no copies made of it, and whoever lends one gets it "
        "back");
    Lifetime::reset();
    {
        ParallelProcessor processor(3);
        const auto take = [](MoveOnly&& item) { return MoveOnly(std::move(item)); };
        const auto read = [](const MoveOnly& item) { return item.value(); };
        std::vector<MoveOnly> items;
        for (std::uint64_t i = 0; i < 500; ++i)
            items.emplace_back(i);

        std::vector<std::uint64_t> values = processor.process_parallel(items, read);
        std::string first_wrong = first_mismatch(values, items, read);
        CHECK(first_wrong == "none");
        // A span that is an rvalue refers to items that are still somebody else's.
        values = processor.process_parallel(std::span(items), [](auto&& item) {
            return std::is_lvalue_reference_v<decltype(item)> ? item.value() : 0;
        });
        const std::string first_not_an_lvalue = first_mismatch(values, items, read);
        CHECK(first_not_an_lvalue == "none");

        const std::vector<MoveOnly> moved = processor.process_parallel(std::move(items), take);
        values.clear();
        for (const MoveOnly& item : moved)
            values.push_back(item.value());
        first_wrong = first_mismatch(values, numbers(500), [](int i) { return std::uint64_t(i); });
        CHECK(first_wrong == "none");
    }
    const std::size_t copies = Lifetime::copied;
    CHECK(copies == 0);
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("results need be neither default-constructible nor copyable", "[map][asan][tsan]") {
    WHY("a result that means something has no empty state to begin with");
    Lifetime::reset();
    for (const std::size_t threads : {1U, 2U, 8U}) {
        ParallelProcessor processor(threads);
        const std::vector<int> items = numbers(3'000);
        const auto make = [](int i) { return MoveOnly(static_cast<std::uint64_t>(i)); };
        const std::vector<MoveOnly> made = processor.process_parallel(items, make);
        std::vector<int> values;
        for (const MoveOnly& result : made)
            values.push_back(static_cast<int>(result.value()));
        CHECK(values == items);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("results of type bool do not share their bytes", "[map][tsan]") {
    WHY("std::vector<bool> keeps eight elements in a byte: two threads that write neighbours lose "
        "one");
    ParallelProcessor processor(4);
    const std::vector<int> items = numbers(20'000);
    const auto f = [](int x) { return x % 3 == 0; };
    for (int round = 0; round < 5; ++round) {
        const std::string first_wrong =
            first_mismatch(processor.process_parallel(items, f), items, f);
        CHECK(first_wrong == "none");
    }
}

TEST_CASE("process_into writes each result to the place of its item", "[map][asan][tsan]") {
    WHY("memory that is there already is ten times as fast as new memory");
    ParallelProcessor processor(3);
    const std::vector<int> items = numbers(10'000);
    const auto f = [](int x) { return 2.5 * x; };
    std::vector<double> places(items.size() + 2, -1.0);
    processor.process_into(items, std::span(places).subspan(1, items.size()), f);
    const double before_the_first_place = places.front();
    const double behind_the_last_place = places.back();
    CHECK(before_the_first_place == -1.0);
    CHECK(behind_the_last_place == -1.0);
    places.erase(places.begin());
    places.pop_back();
    std::string first_wrong = first_mismatch(places, items, f);
    CHECK(first_wrong == "none");

    std::vector<int> both = items;
    const auto twice = [](int x) { return 2 * x; };
    processor.process_into(both, std::span(both), twice);
    first_wrong = first_mismatch(both, items, twice);
    CHECK(first_wrong == "none");
}

TEST_CASE("process_into refuses too few places, and too many", "[map][asan]") {
    WHY("a result without a place would be written to memory that belongs to somebody else, and a "
        "place without a result would be read as if it had one");
    ParallelProcessor processor(2);
    const std::vector<int> items = numbers(10);
    std::atomic<int> calls = 0;
    const auto f = [&](int x) {
        ++calls;
        return x;
    };
    for (const std::size_t count : {0U, 9U, 11U}) {
        std::vector<int> places(count, -1);
        CHECK_THROWS_AS(processor.process_into(items, std::span(places), f), std::invalid_argument);
        const auto places_written = std::ssize(places) - std::ranges::count(places, -1);
        CHECK(places_written == 0);
    }
    CHECK(calls == 0);
}

TEST_CASE("ten million tiny items arrive", "[map]") {
    WHY("a task for each item would cost a hundred times the item");
    ParallelProcessor processor(2);
    std::vector<std::uint32_t> values(10'000'000);
    std::iota(values.begin(), values.end(), 0U);
    const Watchdog watchdog(5s, "ten million additions did not end");
    processor.process_into(values, std::span(values), [](std::uint32_t x) { return x + 7; });
    std::size_t wrong_results = 0;
    for (std::uint32_t i = 0; i < values.size(); ++i)
        wrong_results += values[i] != i + 7 ? 1 : 0;
    CHECK(wrong_results == 0);
}

TEST_CASE("as many items as there are threads run at the same time", "[map][tsan]") {
    WHY("items that wait for each other are the proof that several threads are at work");
    for (const std::size_t threads : {2U, 3U, 4U, 8U}) {
        const Watchdog watchdog(5s, "items, as many as threads or fewer, did not all run at once");
        ParallelProcessor processor(threads);
        for (std::size_t size = 2; size <= threads; ++size) {
            std::atomic<std::size_t> arrived = 0;
            const std::vector<int> results =
                processor.process_parallel(numbers(size), [&](int item) {
                    ++arrived;
                    wait_until([&] { return arrived == size; });
                    return item;
                });
            CHECK(results == numbers(size));
        }
        // The last ones wait for each other only; the others are over at once.
        for (int round = 0; round < 20; ++round) {
            std::atomic<std::size_t> arrived = 0;
            processor.process_parallel(numbers(threads), [&](int item) {
                if (static_cast<std::size_t>(item) + 2 < threads) return 0;
                ++arrived;
                wait_until([&] { return arrived == 2; });
                return 0;
            });
            CHECK(arrived == 2);
        }
    }
}

}  // namespace
}  // namespace cacheline
