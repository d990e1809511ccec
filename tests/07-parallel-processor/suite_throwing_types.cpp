#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <stdexcept>

#include "fragile.hpp"
#include "probes.hpp"
#include "support/lifetime.hpp"

// Exceptions from the caller's types rather than from its function.

namespace cacheline {
namespace {

using support::Lifetime;
using support::MoveOnly;

TEST_CASE("nothing is left alive when moving a result throws", "[errors][asan]") {
    WHY("a result's move constructor is code of the caller's as well, and it may throw");
    const Watchdog watchdog(10s, "a call in which an item throws did not return");
    const std::vector<int> items = numbers(12);
    ParallelProcessor processor(2);
    for (std::size_t at = 1; at <= 60; ++at) {
        Lifetime::reset();
        Lifetime::throw_at = at;
        try {
            processor.process_parallel(
                items, [](int item) { return MoveOnly(static_cast<std::uint64_t>(item)); });
        } catch (const std::runtime_error&) {
        }
        CAPTURE(at);
        CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
    }
    Lifetime::reset();
}

TEST_CASE("what an iterator throws when it is copied reaches the caller", "[errors][asan][tsan]") {
    WHY("an iterator is code of the caller's as well: what it throws in a worker must not end the "
        "program");
    const Watchdog watchdog(10s, "a call in which an iterator throws did not return");
    struct Numbers {
        std::vector<int> items = numbers(12);
        [[nodiscard]] Fragile begin() const { return Fragile(items.data()); }
        [[nodiscard]] Fragile end() const { return Fragile(items.data() + items.size()); }
    };
    const Numbers items;
    ParallelProcessor processor(3);
    std::size_t wrong = 0;
    for (int at = 1; at <= 60; ++at) {
        Fragile::copies_left = at;
        const std::string message = message_of<std::runtime_error>([&] {
            // The first item waits for another, so that two threads need the iterator.
            std::atomic<int> begun = 0;
            const auto results = processor.process_parallel(items, [&](int item) {
                ++begun;
                const auto late = std::chrono::steady_clock::now() + 1ms;
                wait_until([&] { return begun > 1 || std::chrono::steady_clock::now() > late; });
                return item;
            });
            if (results != items.items) ++wrong;
        });
        if (message != "a copy of the iterator" && message != "no exception") ++wrong;
    }
    const std::size_t calls_with_wrong_results_or_messages = wrong;
    CHECK(calls_with_wrong_results_or_messages == 0);
}

}  // namespace
}  // namespace cacheline
