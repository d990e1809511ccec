#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <limits>
#include <system_error>

#include "probes.hpp"
#include "support/thread_starts.hpp"

namespace cacheline {
namespace {

using support::ThreadStarts;

TEST_CASE("the constructor starts the threads, and nothing starts one later", "[map]") {
    WHY("starting a thread costs as much as ten thousand tiny items");
    for (const std::size_t threads : {1U, 2U, 8U}) {
        CAPTURE(threads);
        const std::size_t before = ThreadStarts::count();
        ParallelProcessor processor(threads);
        const std::size_t started = ThreadStarts::count() - before;
        INFO("threads started by the constructor; the caller may count as one");
        CHECK(started + 1 >= threads);
        CHECK(started <= threads);

        const std::vector<int> items = numbers(1000);
        std::vector<int> places(items.size());
        for (int round = 0; round < 20; ++round) {
            processor.process_parallel(items, [](int x) { return x; });
            processor.process_into(items, std::span(places), [](int x) { return x; });
            processor.process_chunked(items, 10, [](std::span<const int> chunk) {
                return std::vector<int>(chunk.begin(), chunk.end());
            });
        }
        const std::size_t started_later = ThreadStarts::count() - before - started;
        CHECK(started_later == 0);
    }
}

TEST_CASE("0 threads means all cores, and absurd numbers are refused", "[map][asan]") {
    WHY("a negative number that became unsigned must not ask the system for 2^64 threads");
    const auto threads_of = [](std::size_t asked) { return ParallelProcessor(asked).threads(); };
    CHECK(threads_of(0) == std::max(1U, std::thread::hardware_concurrency()));
    CHECK(ParallelProcessor().threads() == threads_of(0));
    CHECK(threads_of(1) == 1);
    CHECK(threads_of(7) == 7);

    const std::size_t before = ThreadStarts::count();
    for (const std::size_t absurd :
         {ParallelProcessor::kMaxThreads + 1, std::numeric_limits<std::size_t>::max()}) {
        const std::string message =
            message_of<std::invalid_argument>([&] { ParallelProcessor processor(absurd); });
        CHECK_THAT(message, Catch::Matchers::ContainsSubstring(std::to_string(absurd)));
    }
    CHECK(ThreadStarts::count() == before);
}

TEST_CASE("a constructor that cannot start all its threads ends those it has started", "[map]") {
    WHY("a std::thread that is destroyed while it runs ends the whole program");
    const std::size_t before = support::live_threads();
    ThreadStarts::refuse_after(3);
    CHECK_THROWS_AS(ParallelProcessor(8), std::system_error);
    ThreadStarts::refuse_none();
    // The kernel may list a thread a moment longer than it can be joined.
    for (int i = 0; i < 1000 && support::live_threads() > before; ++i)
        rest(1ms);
    const std::size_t threads_alive = support::live_threads();
    CHECK(threads_alive == before);
}

TEST_CASE("a processor can end while it is idle and right after work", "[map][asan][tsan]") {
    WHY("the last worker may still be on its way out of the call when the call has returned");
    const Watchdog watchdog(8s, "a processor's destructor did not return");
    const std::vector<int> items = numbers(200);
    std::size_t sum = 0;
    for (std::size_t round = 0; round < 100; ++round) {
        { ParallelProcessor never_used(1 + round % 4); }
        ParallelProcessor processor(2 + round % 3);
        if (round % 10 == 0) rest(1ms);  // so that its threads sleep
        sum += processor.process_parallel(items, [](int x) { return x; }).size();
    }
    CHECK(sum == 100 * items.size());
}

TEST_CASE("a processor without work takes no processor time", "[map]") {
    WHY("a library that spins while it waits takes the core from whoever has something to do");
    ParallelProcessor processor(8);
    processor.process_parallel(numbers(1000), [](int x) { return x; });
    rest(50ms);
    const auto before = processor_time();
    rest(500ms);
    const auto used =
        std::chrono::duration_cast<std::chrono::microseconds>(processor_time() - before);
    INFO("processor time in half a second without work");
    const auto microseconds_used = used.count();
    CHECK(microseconds_used < 5'000);
}

}  // namespace
}  // namespace cacheline
