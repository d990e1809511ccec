#include "support/suite.hpp"

// The student's header.
#include <processor.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "announcing.hpp"
#include "comma_locale.hpp"
#include "numbers.hpp"
#include "support/allocation_counter.hpp"
#include "support/lock_counter.hpp"
#include "support/threads.hpp"

using cacheline::AccessOrder;
using cacheline::ProcessorStats;
using cacheline::SharedBytes;
using cacheline::ZeroCopyProcessor;
using cacheline::support::AllocationCounter;
using cacheline::support::Announcing;
using cacheline::support::numbers;

namespace {

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

TEST_CASE("a call that throws is not in the books", "[batch][asan]") {
    WHY("books that count what was not done can't be trusted for what was");
    ZeroCopyProcessor processor;
    (void)processor.process_batch(numbers(3), [](int x) { return x + 0.5; });
    const ProcessorStats before = processor.stats();
    const SharedBytes bytes = SharedBytes::copy_of("abcdef");
    std::string wrong;
    for (int at = 1; at <= 3; ++at) {
        int calls = 0;
        const auto same = [&](auto x) {
            if (++calls == at) throw std::runtime_error("enough");
            return x;
        };
        const auto check = [&](const char* what, auto call) {
            calls = 0;
            bool thrown = false;
            try {
                call();
            } catch (const std::runtime_error&) {
                thrown = true;
            }
            if (!thrown || processor.stats() != before)
                wrong += std::string(what) + ", call " + std::to_string(at) + ": " +
                         shown(processor.stats()) + ". ";
        };
        std::vector<int> items = numbers(5);
        check("transform_in_place", [&] { processor.transform_in_place(std::span(items), same); });
        check("process_batch", [&] { (void)processor.process_batch(items, same); });
        check("process_batch at random",
              [&] { (void)processor.process_batch(items, same, AccessOrder::random(1)); });
        check("process_batch of a batch that is given away",
              [&] { (void)processor.process_batch(std::move(items), same); });
        check("process_bytes", [&] { (void)processor.process_bytes(bytes, same); });
        check("process_bytes that changes them",
              [&] { (void)processor.process_bytes(bytes, [&](std::byte b) { return ~same(b); }); });
        check("process_bytes that changes the second", [&] {
            (void)processor.process_bytes(
                bytes, [&](std::byte b) { return same(b) == std::byte{'b'} ? std::byte{'B'} : b; });
        });
    }
    CHECK(wrong == "");
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

TEST_CASE("bytes may use the processor when it ends", "[batch][asan]") {
    WHY("the owner of a view's bytes may live longer than anybody thought, and asks once more");
    int ends = 0;
    {
        ZeroCopyProcessor processor;
        processor.create_view("another", SharedBytes::copy_of("x"));
        CHECK(processor.get_view("another").has_value());
        for (const char* const name : {"a", "b", "c", "d", "e"}) {
            processor.create_view(name, SharedBytes::adopt(Announcing("bytes", [&, name] {
                                      ++ends;
                                      (void)processor.get_view(name);
                                      (void)processor.get_view("another");
                                  })));
        }
        CHECK(processor.get_view("c").has_value());
    }
    CHECK(ends == 5);
}

TEST_CASE("the report is the same in every locale", "[batch]") {
    WHY("half of the world writes a decimal comma, and a program that reads the report does not");
    using namespace std::chrono_literals;
    const ProcessorStats stats{12, 5, 7, 22'000, 47'000, 35'004ns};
    const std::string expected = cacheline::report(stats);
    std::string elsewhere;
    {
        const cacheline::support::CommaLocale commas;
        elsewhere = cacheline::report(stats);
    }
    CHECK(elsewhere == expected);
    CHECK(cell(expected, "Zero-copy rate") == "41.67 %");
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
    const std::string large =
        cacheline::report({3, 3, 0, std::numeric_limits<std::size_t>::max(), 0, 1'500'000'000ns});
    CHECK(cell(large, "Bytes viewed") == std::to_string(std::numeric_limits<std::size_t>::max()));
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
