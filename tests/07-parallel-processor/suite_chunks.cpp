#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <array>

#include "probes.hpp"
#include "support/allocation_counter.hpp"
#include "support/lifetime.hpp"

namespace cacheline {
namespace {

using support::Lifetime;
using support::MoveOnly;

// One result for each item.
std::vector<long> tripled(std::span<const int> chunk) {
    std::vector<long> results;
    for (const int item : chunk)
        results.push_back(3L * item);
    return results;
}

TEST_CASE("the results of all chunks come in one vector, in order", "[chunks][asan][tsan]") {
    WHY("chunks end in any order; their results must not");
    for (const std::size_t threads : {1U, 2U, 8U}) {
        ParallelProcessor processor(threads);
        for (const std::size_t size : {1U, 2U, 63U, 64U, 65U, 10'000U}) {
            for (const std::size_t chunk_size : {1U, 7U, 64U, 5'000U}) {
                CAPTURE(threads, size, chunk_size);
                const std::vector<int> items = numbers(size);
                const std::string first_wrong =
                    first_mismatch(processor.process_chunked(items, chunk_size, tripled), items,
                                   [](int x) { return 3L * x; });
                CHECK(first_wrong == "none");
            }
        }
    }
}

TEST_CASE("chunks are neighbouring items of the range itself, and only the last is short",
          "[chunks][asan][tsan]") {
    WHY("a chunk is a view: to copy the items first would cost more than many a function");
    struct Seen {
        const int* data;
        std::size_t size;
        bool operator==(const Seen&) const = default;
    };
    ParallelProcessor processor(3);
    const std::vector<int> items = numbers(1003);
    const auto told = [&](const std::vector<Seen>& chunks, std::size_t i) -> std::string {
        if (i == chunks.size()) return "no chunk";
        const auto [data, size] = chunks[i];
        if (std::less<>()(data, items.data()) || !std::less<>()(data, items.data() + items.size()))
            return std::to_string(size) + " items elsewhere than in the caller's range";
        return std::to_string(size) + " items from number " + std::to_string(data - items.data());
    };
    for (const std::size_t chunk_size : {10U, 17U, 59U, 1002U}) {
        const std::vector<Seen> seen =
            processor.process_chunked(items, chunk_size, [](std::span<const int> chunk) {
                return std::vector<Seen>{{chunk.data(), chunk.size()}};
            });
        std::vector<Seen> expected;
        for (std::size_t first = 0; first < items.size(); first += chunk_size)
            expected.push_back({items.data() + first, std::min(chunk_size, items.size() - first)});
        CAPTURE(chunk_size);
        std::size_t chunk = 0;  // the first that is wrong
        while (chunk < std::min(seen.size(), expected.size()) && seen[chunk] == expected[chunk])
            ++chunk;
        INFO("chunk " << chunk + 1 << " of " << expected.size());
        const std::string chunk_seen = told(seen, chunk);
        const std::string chunk_due = told(expected, chunk);
        CHECK(chunk_seen == chunk_due);
        const bool all_as_due = seen == expected;
        CHECK(all_as_due);
    }
}

TEST_CASE("a chunk size of 0 is refused, and one beyond the range gives one chunk",
          "[chunks][asan]") {
    WHY("zero items at a time never come to an end");
    const Watchdog watchdog(5s, "process_chunked did not return");
    ParallelProcessor processor(2);
    std::atomic<int> calls = 0;
    const auto f = [&](std::span<const int> chunk) {
        ++calls;
        return tripled(chunk);
    };
    const std::vector<int> items = numbers(5);
    CHECK_THROWS_AS(processor.process_chunked(items, 0, f), std::invalid_argument);
    CHECK_THROWS_AS(processor.process_chunked(std::vector<int>(), 0, f), std::invalid_argument);
    CHECK(calls == 0);

    CHECK(processor.process_chunked(std::vector<int>(), 3, f).empty());
    CHECK(calls == 0);

    WHY("the number of chunks is rounded up, and adding to a huge chunk size overflows");
    constexpr std::size_t kHuge = static_cast<std::size_t>(-1);
    const std::vector<long> expected{0, 3, 6, 9, 12};
    CHECK(processor.process_chunked(items, 6, f) == expected);
    CHECK(processor.process_chunked(items, kHuge, f) == expected);
    CHECK(calls == 2);
}

TEST_CASE("a chunk may give any number of results", "[chunks][asan][tsan]") {
    WHY("filters give fewer results than items and generators more: places can't be known "
        "beforehand");
    SEEDED_RNG(rng);
    ParallelProcessor processor(4);
    std::vector<int> items(5'000);  // each: how many results it gives
    // First mostly one for each item, so that a guess that it stays so goes wrong later.
    for (std::size_t i = 0; i < items.size(); ++i)
        items[i] = i < 2'000 ? 1 : static_cast<int>(rng() % 4);
    const auto repeat = [&](std::span<const int> chunk) {
        std::vector<std::size_t> results;
        for (const int& count : chunk)
            results.insert(results.end(), static_cast<std::size_t>(count),
                           static_cast<std::size_t>(&count - items.data()));
        return results;
    };
    const std::vector<std::size_t> expected = repeat(items);
    for (const std::size_t chunk_size : {1U, 13U, 100U, 5'000U}) {
        CAPTURE(chunk_size);
        const std::string first_wrong = first_mismatch(
            processor.process_chunked(items, chunk_size, repeat), expected, std::identity());
        CHECK(first_wrong == "none");
    }

    const auto nothing = [](std::span<const int>) { return std::vector<double>(); };
    CHECK(processor.process_chunked(items, 10, nothing).empty());
    const auto odd = [](std::span<const int> chunk) {
        std::vector<bool> results;
        for (const int item : chunk)
            results.push_back(item % 2 == 1);
        return results;
    };
    const std::vector<bool> odd_ones = processor.process_chunked(items, 10, odd);
    const bool as_one_by_one = odd_ones == odd(items);
    CHECK(as_one_by_one);
}

TEST_CASE("results of chunks are moved, never copied", "[chunks][asan][tsan]") {
    WHY("a result that owns something costs a moment to move and an allocation to copy");
    Lifetime::reset();
    {
        ParallelProcessor processor(3);
        std::vector<MoveOnly> items;
        for (std::uint64_t i = 0; i < 1000; ++i)
            items.emplace_back(i);
        // An rvalue's chunks are of items that may be moved out.
        const std::vector<MoveOnly> moved =
            processor.process_chunked(std::move(items), 9, [](std::span<MoveOnly> chunk) {
                return std::vector<MoveOnly>(std::move_iterator(chunk.begin()),
                                             std::move_iterator(chunk.end()));
            });
        std::vector<int> values;
        for (const MoveOnly& item : moved)
            values.push_back(static_cast<int>(item.value()));
        CHECK(values == numbers(1000));
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a chunk costs no heap allocation of its own", "[chunks][asan]") {
    WHY("an allocation costs as much as sixty tiny items, so small chunks would lose what threads "
        "win");
    ParallelProcessor processor(2);
    const std::vector<int> items = numbers(40'000);
    constexpr std::size_t kChunks = 10'000;
    processor.process_chunked(items, 4, [](std::span<const int>) { return std::vector<int>(); });

    const auto allocations_of = [&](auto f) {
        const support::ProcessAllocationCounter counter;
        processor.process_chunked(items, items.size() / kChunks, f);
        return counter.allocations();
    };
    // Functions that allocate nothing, and once for each chunk.
    const std::size_t allocations =
        allocations_of([](std::span<const int>) { return std::vector<int>(); });
    INFO("in a call with 10000 chunks");
    CHECK(allocations < kChunks / 2);
    const std::size_t with_one_by_the_function = allocations_of(
        [](std::span<const int> chunk) { return std::vector<int>(chunk.begin(), chunk.end()); });
    CHECK(with_one_by_the_function < kChunks + kChunks / 2);
}

TEST_CASE("few results take little memory, however many items there are", "[chunks][asan]") {
    WHY("places for as many results as there are items are a gigabyte, if the results are large, "
        "for a text of a megabyte");
    struct Page {
        std::array<char, 1024> bytes{};
    };
    constexpr std::size_t kMiB = std::size_t{1} << 20;
    const auto pages = [](std::span<const char> chunk) {
        return std::vector<Page>(static_cast<std::size_t>(std::ranges::count(chunk, 'P')));
    };
    std::string spread(kMiB, ' ');  // one here and there
    for (std::size_t i = 0; i < 16; ++i)
        spread[i * (kMiB / 16) + 100] = 'P';
    // And at the beginning one for each item, as if it went on like that.
    std::string dense = std::string(16, 'P') + std::string(kMiB - 16, ' ');
    for (const std::size_t threads : {1U, 4U}) {
        ParallelProcessor processor(threads);
        for (const std::string* text : {&spread, &dense}) {
            for (const std::size_t chunk_size : {16U, 64U, 1000U}) {
                CAPTURE(threads, chunk_size);
                const support::ProcessAllocationCounter counter;
                const std::size_t results =
                    processor.process_chunked(*text, chunk_size, pages).size();
                const std::size_t bytes_asked_for = counter.bytes();
                CHECK(results == 16);
                INFO("for 16 results of 1 KiB from 1 MiB of text");
                CHECK(bytes_asked_for < 8 * kMiB);
            }
        }
    }
}

}  // namespace
}  // namespace cacheline
