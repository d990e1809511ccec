#include "support/suite.hpp"

// The student's headers.
#include <batch.hpp>
#include <processor.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <utility>

#include "support/allocation_counter.hpp"
#include "support/lifetime.hpp"
#include "support/lock_counter.hpp"
#include "support/threads.hpp"

using cacheline::AccessOrder;
using cacheline::ProcessorStats;
using cacheline::SharedBytes;
using cacheline::ZeroCopyProcessor;
using cacheline::support::AllocationCounter;
using cacheline::support::Lifetime;
using Tracked = cacheline::support::Tracked<>;

namespace {

constexpr std::size_t kHuge = static_cast<std::size_t>(-1);

std::vector<std::size_t> order_of(std::size_t count, AccessOrder order) {
    std::vector<std::size_t> visited;
    cacheline::visit_indices(count, order, [&](std::size_t i) {
        if (visited.size() > count) throw std::logic_error("more visits than elements");
        visited.push_back(i);
    });
    return visited;
}

bool each_once(std::vector<std::size_t> visited, std::size_t count) {
    std::ranges::sort(visited);
    std::vector<std::size_t> all(count);
    std::iota(all.begin(), all.end(), std::size_t{0});
    return visited == all;
}

std::vector<int> numbers(std::size_t count) {
    std::vector<int> result(count);
    std::iota(result.begin(), result.end(), 0);
    return result;
}

// The cell beside `label` in a Markdown table.
std::string cell(const std::string& report, const std::string& label) {
    const std::size_t at = report.find(label);
    if (at == report.npos) return "(no row " + label + ")";
    const std::size_t begin = report.find('|', at) + 1;
    std::string value = report.substr(begin, report.find('|', begin) - begin);
    value.erase(0, value.find_first_not_of(' '));
    value.erase(value.find_last_not_of(' ') + 1);
    return value;
}

// Without the time, which differs from run to run.
ProcessorStats counts(const ZeroCopyProcessor& processor) {
    ProcessorStats stats = processor.stats();
    stats.processing_time = {};
    return stats;
}

std::string shown(const ProcessorStats& stats) {
    return std::to_string(stats.total_processed) + " items, " +
           std::to_string(stats.zero_copy_operations) + " viewed, " +
           std::to_string(stats.copy_operations) +
           " copied; bytes: " + std::to_string(stats.bytes_viewed) + " viewed, " +
           std::to_string(stats.bytes_copied) + " copied";
}

}  // namespace

TEST_CASE("sequential and strided orders are what they say", "[batch]") {
    WHY("the order is what the caller measures; and a stride may be larger than the batch");
    using List = std::vector<std::size_t>;
    CHECK(order_of(5, AccessOrder::sequential()) == List{0, 1, 2, 3, 4});
    CHECK(order_of(7, AccessOrder::strided(3)) == List{0, 3, 6, 1, 4, 2, 5});
    CHECK(order_of(6, AccessOrder::strided(3)) == List{0, 3, 1, 4, 2, 5});
    CHECK(order_of(3, AccessOrder::strided(1)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(3)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(100)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(kHuge)) == List{0, 1, 2});
    CHECK(order_of(3, AccessOrder::strided(kHuge - 1)) == List{0, 1, 2});
    CHECK(order_of(0, AccessOrder::strided(2)).empty());
    CHECK_THROWS_AS(order_of(3, AccessOrder::strided(0)), std::invalid_argument);
    CHECK_THROWS_AS(order_of(0, AccessOrder::strided(0)), std::invalid_argument);
}

TEST_CASE("a random order visits each element once", "[batch]") {
    WHY("a random index for each visit misses a third of the elements and repeats others");
    for (const std::size_t count : {0U, 1U, 2U, 3U, 64U, 100U, 1000U, 1025U}) {
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            INFO(count << " elements, seed " << seed);
            const auto order = order_of(count, AccessOrder::random(seed));
            CHECK(each_once(order, count));
            CHECK(order == order_of(count, AccessOrder::random(seed)));
            std::size_t neighbours = 0;
            for (std::size_t i = 1; i < order.size(); ++i)
                neighbours += order[i] - order[i - 1] + 1 <= 2;
            if (count >= 64) CHECK(neighbours * 10 < count);
        }
    }
    std::vector<std::vector<std::size_t>> orders;
    for (const std::uint64_t seed : {0ULL, 1ULL, 2ULL, 3ULL, 1ULL << 40, 1ULL << 63})
        orders.push_back(order_of(1000, AccessOrder::random(seed)));
    std::ranges::sort(orders);
    CHECK(std::ranges::adjacent_find(orders) == orders.end());
}

TEST_CASE("no order allocates", "[batch]") {
    WHY("a list of indices costs more memory than a batch of small elements");
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(100), AccessOrder::random(7)}) {
        std::size_t sum = 0;
        const AllocationCounter counter;
        cacheline::visit_indices(100000, order, [&](std::size_t i) { sum += i; });
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 0);
        CHECK(sum == 4999950000);
    }
}

TEST_CASE("transform_in_place changes items where they are", "[batch][asan]") {
    WHY("results that fit the input's memory need no memory of their own");
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(7), AccessOrder::random(1)}) {
        std::vector<int> items = numbers(1000);
        const AllocationCounter counter;
        cacheline::transform_in_place(
            std::span(items), [](int x) { return 3 * x; }, order);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 0);
        std::size_t wrong_items = 0;
        for (std::size_t i = 0; i < items.size(); ++i)
            wrong_items += items[i] != static_cast<int>(3 * i);
        CHECK(wrong_items == 0);
    }
    std::vector<int> items = numbers(4);
    CHECK_THROWS_AS(cacheline::transform_in_place(std::span(items),
                                                  [](int x) {
                                                      if (x == 2) throw std::runtime_error("two");
                                                      return x + 10;
                                                  }),
                    std::runtime_error);
    CHECK(items == std::vector<int>{10, 11, 2, 3});

    Lifetime::reset();
    std::vector<Tracked> tracked;
    for (std::uint64_t i = 0; i < 8; ++i)
        tracked.emplace_back(i);
    Lifetime::copied = 0;
    cacheline::transform_in_place(std::span(tracked),
                                  [](const Tracked& t) { return Tracked(t.value() + 1); });
    CHECK(Lifetime::copied == 0);
    CHECK(tracked[7].value() == 8);
    CHECK(Lifetime::misused == 0);
}

TEST_CASE("process_batch allocates its output once", "[batch][asan]") {
    WHY("an output that grows moves its elements again and again, for no reason: the size is "
        "known");
    const std::vector<int> input = numbers(1000);
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(64), AccessOrder::random(3)}) {
        const AllocationCounter counter;
        const std::vector<double> output = cacheline::process_batch(
            input, [](int x) { return x / 2.0; }, order);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 1);
        REQUIRE(output.size() == 1000);
        std::size_t wrong_results = 0;
        for (std::size_t i = 0; i < 1000; ++i)
            wrong_results += output[i] != static_cast<double>(i) / 2;
        CHECK(wrong_results == 0);
    }
    const auto odd = [](int x) { return x % 2 != 0; };
    CHECK(cacheline::process_batch(std::vector<int>{1, 2, 3}, odd) ==
          std::vector<bool>{true, false, true});
    CHECK(cacheline::process_batch(std::span<const int>(), odd).empty());
}

TEST_CASE("process_batch copies neither input nor results", "[batch][asan]") {
    WHY("a value passed where a reference would do is a copy of every element");
    Lifetime::reset();
    {
        std::vector<Tracked> input;
        input.reserve(20);
        for (std::uint64_t i = 0; i < 20; ++i)
            input.emplace_back(i);
        const auto twice = [](const Tracked& t) { return Tracked(2 * t.value()); };
        const auto output = cacheline::process_batch(input, twice);
        REQUIRE(output.size() == 20);
        CHECK(output[19].value() == 38);
        const auto given = cacheline::process_batch(std::move(input), twice);
        REQUIRE(given.size() == 20);
        CHECK(given[19].value() == 38);
        CHECK(Lifetime::copied == 0);
        // Neither does an order ask for a default constructor.
        CHECK(cacheline::process_batch(output, twice, AccessOrder::random(1))[19].value() == 76);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a batch that is given away is changed in its own memory", "[batch][asan]") {
    WHY("the caller has no more use for the input, so its memory can hold the output");
    for (const AccessOrder order :
         {AccessOrder::sequential(), AccessOrder::strided(3), AccessOrder::random(9)}) {
        std::vector<int> input = numbers(100);
        const int* const before = input.data();
        const AllocationCounter counter;
        const std::vector<int> output = cacheline::process_batch(
            std::move(input), [](int x) { return x + 1; }, order);
        const std::size_t allocations = counter.allocations();
        CHECK(allocations == 0);
        CHECK(output.data() == before);
        CHECK(output.size() == 100);
        CHECK(output[0] == 1);
        CHECK(output[99] == 100);
    }
    std::vector<int> input = numbers(100);
    const AllocationCounter counter;
    const std::vector<long> other =
        cacheline::process_batch(std::move(input), [](int x) { return x + 1L; });
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 1);
    CHECK(other[99] == 100);
}

TEST_CASE("process_bytes copies only where a byte changes", "[batch][asan]") {
    WHY("copy on write for buffers: a copy is paid for only where something changes, whatever the "
        "size");
    ZeroCopyProcessor processor;
    const SharedBytes input = SharedBytes::copy_of("a buffer without capitals, long enough");
    const auto upper = [](std::byte b) {
        return b >= std::byte{'A'} && b <= std::byte{'Z'} ? b | std::byte{32} : b;
    };
    const AllocationCounter counter;
    const SharedBytes same = processor.process_bytes(input, upper);
    const std::size_t unchanged = counter.allocations();
    CHECK(unchanged == 0);
    CHECK(same.text().data() == input.text().data());
    CHECK(shown(processor.stats()) == "1 items, 1 viewed, 0 copied; bytes: 38 viewed, 0 copied");

    std::string seen;
    const SharedBytes mixed = SharedBytes::copy_of("ab CD ef");
    const AllocationCounter second;
    SharedBytes changed = processor.process_bytes(mixed, upper);
    const std::size_t allocations = second.allocations();
    CHECK(allocations == 1);
    CHECK(changed.text() == "ab cd ef");
    CHECK(mixed.text() == "ab CD ef");
    CHECK(shown(processor.stats()) == "2 items, 1 viewed, 1 copied; bytes: 38 viewed, 8 copied");

    changed = processor.process_bytes(mixed, [&](std::byte b) {
        seen += static_cast<char>(b);
        return upper(b);
    });
    CHECK(seen == "ab CD ef");
    for (const std::string_view text : {"X", "xX", "Xx"}) {
        std::string low(text);
        for (char& c : low)
            c = 'x';
        CHECK(processor.process_bytes(SharedBytes::copy_of(text), upper).text() == low);
    }
    CHECK(processor.process_bytes(SharedBytes(), upper).empty());
}

TEST_CASE("items and bytes are counted exactly", "[batch][asan]") {
    WHY("the books show what zero-copy brings only if every way of processing is entered in them");
    ZeroCopyProcessor processor;
    CHECK(shown(processor.stats()) == "0 items, 0 viewed, 0 copied; bytes: 0 viewed, 0 copied");

    const std::array<std::string_view, 4> texts = {"HELLO", "world", "", "Much Longer Than Ten"};
    CHECK(processor.process_strings(texts)[1] == "WORLD");
    CHECK(shown(processor.stats()) == "4 items, 2 viewed, 2 copied; bytes: 5 viewed, 25 copied");
    CHECK(processor.stats().memory_saved() == 5);

    std::vector<std::string> output;
    processor.process_with_reuse(texts, output);
    CHECK(output[3] == "MUCH LONGER THAN TEN");
    CHECK(shown(processor.stats()) == "8 items, 2 viewed, 6 copied; bytes: 5 viewed, 55 copied");

    processor.reset_stats();
    CHECK(processor.stats() == ProcessorStats{});

    std::vector<std::int16_t> items = {1, 2, 3};
    processor.transform_in_place(std::span(items), [](std::int16_t x) { return x; });
    CHECK(shown(counts(processor)) == "3 items, 3 viewed, 0 copied; bytes: 6 viewed, 0 copied");
    const auto wide = [](std::int16_t x) { return std::int64_t{x}; };
    CHECK(processor.process_batch(items, wide)[2] == 3);
    CHECK(shown(counts(processor)) == "6 items, 3 viewed, 3 copied; bytes: 6 viewed, 24 copied");
    const auto same = [](std::int16_t x) { return x; };
    items = processor.process_batch(std::move(items), same);
    CHECK(shown(counts(processor)) == "9 items, 6 viewed, 3 copied; bytes: 12 viewed, 24 copied");
    CHECK(processor.process_batch(std::move(items), wide, AccessOrder::random(2))[0] == 1);
    CHECK(shown(counts(processor)) == "12 items, 6 viewed, 6 copied; bytes: 12 viewed, 48 copied");
    const ProcessorStats stats = processor.stats();
    CHECK(stats.total_processed == stats.zero_copy_operations + stats.copy_operations);
}

TEST_CASE("the time of the work is added up", "[batch]") {
    WHY("a time that is set rather than added shows the last call only");
    using namespace std::chrono_literals;
    ZeroCopyProcessor processor;
    const std::vector<int> input = {1, 2, 3};
    const auto slow = [](int x) {
        std::this_thread::sleep_for(2ms);
        return x;
    };
    (void)processor.process_batch(input, slow);
    const auto first = processor.stats().processing_time;
    CHECK(first >= 6ms);
    (void)processor.process_batch(input, slow);
    CHECK(processor.stats().processing_time >= first + 6ms);
    processor.reset_stats();
    CHECK(processor.stats().processing_time == 0ns);
}

TEST_CASE("a processor has views of its own", "[batch][asan]") {
    WHY("a processor's views keep what they point into alive, whatever else it is asked for");
    std::optional<SharedBytes> view;
    {
        ZeroCopyProcessor processor;
        const SharedBytes bytes = SharedBytes::copy_of("0123456789");
        processor.create_view("middle", bytes.slice(3, 4));
        view = processor.get_view("middle");
        REQUIRE(view.has_value());
        CHECK(view->text().data() == bytes.text().data() + 3);
        CHECK_FALSE(processor.get_view("none").has_value());
        processor.create_view("middle", SharedBytes::copy_of("new"));
        CHECK(processor.stats().total_processed == 0);
    }
    CHECK(view->text() == "3456");
}

TEST_CASE("the report says it in a table", "[batch]") {
    WHY("what was saved is the reason for all this work, so it must be readable");
    using namespace std::chrono_literals;
    const std::string report = cacheline::report({12, 5, 7, 22, 47, 35'004ns});
    INFO(report);
    CHECK(report.starts_with("# "));
    const std::vector<std::pair<std::string, std::string>> rows = {{"Items processed", "12"},
                                                                   {"Without a copy", "5"},
                                                                   {"Copied", "7"},
                                                                   {"Zero-copy rate", "41.67 %"},
                                                                   {"Bytes viewed", "22"},
                                                                   {"Bytes copied", "47"},
                                                                   {"Memory saved", "22 bytes"},
                                                                   {"Processing time", "0.035 ms"},
                                                                   {"Time per item", "2917 ns"}};
    std::size_t at = 0;
    for (const auto& [label, value] : rows) {
        CHECK(cell(report, label) == value);
        CHECK(report.find(label) > at);
        at = report.find(label);
    }
    const std::string empty = cacheline::report(ProcessorStats{});
    CHECK(cell(empty, "Items processed") == "0");
    CHECK(cell(empty, "Zero-copy rate") == "0.00 %");
    CHECK(cell(empty, "Time per item") == "0 ns");
    const std::string large = cacheline::report({3, 3, 0, kHuge, 0, 1'500'000'000ns});
    CHECK(cell(large, "Bytes viewed") == std::to_string(kHuge));
    CHECK(cell(large, "Zero-copy rate") == "100.00 %");
    CHECK(cell(large, "Processing time") == "1500.000 ms");

    ZeroCopyProcessor processor;
    (void)processor.process_batch(numbers(5), [](int x) { return x + 0.5; });
    CHECK(cell(processor.report(), "Items processed") == "5");
    CHECK(cell(processor.report(), "Bytes copied") == "40");
}

TEST_CASE("counts are added once a call", "[batch]") {
    WHY("a mutex locked for each string is more work than the string");
    ZeroCopyProcessor processor;
    const std::vector<std::string_view> texts(2000, "UPPER");
    std::vector<std::string> output;
    const cacheline::support::LockCounter locks;
    (void)processor.process_strings(texts);
    processor.process_with_reuse(texts, output);
    (void)processor.process_batch(texts, [](std::string_view text) { return text.size(); });
    const std::size_t count = locks.count();
    CHECK(count <= 3 * 8);
    CHECK(processor.stats().total_processed == 6000);
}

TEST_CASE("threads share a processor and every item is counted", "[batch][asan][tsan]") {
    WHY("two threads that add to a plain counter lose what the other added");
    constexpr std::size_t kRounds = cacheline::support::kSanitized ? 200 : 2000;
    ZeroCopyProcessor processor;
    const std::vector<std::string_view> texts = {"UPPER", "lower", "X"};
    const auto work = [&] {
        std::vector<int> items = numbers(4);
        for (std::size_t i = 0; i < kRounds; ++i) {
            (void)processor.process_strings(texts);
            items = processor.process_batch(std::move(items), [](int x) { return x; });
            processor.create_view("shared", SharedBytes::copy_of("bytes"));
            if (processor.get_view("shared").value().text() != "bytes")
                throw std::runtime_error("a view that is not what was registered");
            (void)processor.stats();
        }
    };
    cacheline::support::run_together({work, work, work});
    const std::size_t n = 3 * kRounds;
    ProcessorStats expected{7 * n, 6 * n, n, 22 * n, 5 * n, {}};
    CHECK(shown(counts(processor)) == shown(expected));
}
