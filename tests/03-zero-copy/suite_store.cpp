#include "support/suite.hpp"

// The student's header.
#include <stable_store.hpp>

#include <algorithm>
#include <utility>

#include "numbers.hpp"
#include "support/allocation_counter.hpp"

using cacheline::StableStore;
using cacheline::support::AllocationCounter;
using cacheline::support::numbers;
using Span = std::span<const int>;

namespace {

bool same(Span a, Span b) {
    return std::ranges::equal(a, b);
}

}  // namespace

TEST_CASE("append copies the items and says where they are", "[store][asan]") {
    WHY("the caller's array may go: the span that is returned is the store's own memory");
    StableStore<int> store;
    std::vector<int> items = numbers(5, 1);
    const Span span = store.append(items);
    CHECK(span.data() != items.data());
    items.assign(5, 0);
    CHECK(same(span, numbers(5, 1)));
    const Span second = store.append(numbers(3, 6));
    CHECK(same(second, numbers(3, 6)));
    CHECK(same(span, numbers(5, 1)));
    CHECK(store.size() == 8);
}

TEST_CASE("spans stay valid while the store grows", "[store][asan]") {
    WHY("a vector moves its elements when it grows, and every span into it dangles");
    SEEDED_RNG(rng);
    StableStore<int> store;
    std::vector<Span> spans;
    std::vector<std::vector<int>> expected;
    int next = 0;
    for (int i = 0; i < 2000; ++i) {
        expected.push_back(numbers(rng() % 40, next));
        next += 40;
        spans.push_back(store.append(expected.back()));
    }
    std::size_t spans_with_other_items = 0;
    std::size_t total = 0;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        spans_with_other_items += !same(spans[i], expected[i]);
        total += expected[i].size();
    }
    CHECK(spans_with_other_items == 0);
    CHECK(store.size() == total);
}

TEST_CASE("an append of any size lies in one piece", "[store][asan]") {
    WHY("a span has one beginning: items cannot go on in the next chunk");
    StableStore<int> store;
    for (const std::size_t count : {1U, 1000U, 3U, 100000U, 2U, 65536U, 65537U, 1U}) {
        const std::vector<int> items = numbers(count, static_cast<int>(count));
        const Span span = store.append(items);
        CHECK(span.size() == count);
        CHECK(same(span, items));
    }
}

TEST_CASE("views lists every append in order", "[store][asan]") {
    WHY("in a vector, a list of views is a list of dangling ones after the first growth");
    StableStore<int> store;
    CHECK(store.views().empty());
    std::vector<Span> spans;
    for (int i = 0; i < 300; ++i)
        spans.push_back(store.append(numbers(static_cast<std::size_t>(i % 5), i)));
    spans.push_back(store.adopt(numbers(100, 7)));
    const auto views = store.views();
    REQUIRE(views.size() == spans.size());
    std::size_t views_of_other_places = 0;
    for (std::size_t i = 0; i < spans.size(); ++i)
        views_of_other_places +=
            views[i].data() != spans[i].data() || views[i].size() != spans[i].size();
    CHECK(views_of_other_places == 0);
    CHECK(views[5].empty());
}

TEST_CASE("small appends seldom allocate", "[store]") {
    WHY("an allocation for each item costs more than the copy that the store avoids");
    constexpr int kItems = 16000;
    StableStore<int> store;
    const AllocationCounter counter;
    for (int i = 0; i < kItems; ++i)
        store.append(Span(&i, 1));
    const std::size_t allocations = counter.allocations();
    CHECK(allocations <= 64 + kItems / 16);
    CHECK(store.size() == kItems);
}

TEST_CASE("memory_usage is what is set aside, and within bounds", "[store]") {
    WHY("a store that reserves for the worst case, or reports what it holds, hides what it costs");
    SEEDED_RNG(rng);
    for (const std::size_t largest : {1U, 10U, 1000U, 30000U}) {
        StableStore<int> store;
        const AllocationCounter counter;
        std::size_t appends_with_a_usage_out_of_bounds = 0;
        for (int i = 0; i < 200; ++i) {
            const std::vector<int> items(1 + rng() % largest);
            store.append(items);
            const std::size_t held = store.size() * sizeof(int);
            const std::size_t used = store.memory_usage();
            appends_with_a_usage_out_of_bounds +=
                used < held || used > std::max<std::size_t>(4 * held, 64 * 1024);
        }
        const std::size_t asked = counter.bytes();
        INFO("appends of up to " << largest);
        CHECK(appends_with_a_usage_out_of_bounds == 0);
        CHECK(store.memory_usage() <= asked);
    }
    StableStore<int> adopting;
    std::vector<int> spacious;
    spacious.reserve(5000);
    spacious.push_back(1);
    adopting.adopt(std::move(spacious));
    CHECK(adopting.memory_usage() >= 5000 * sizeof(int));
}

TEST_CASE("a store can append what lies in itself", "[store][asan]") {
    WHY("elements that never move can be read while the store grows; a vector's cannot");
    StableStore<int> store;
    Span span = store.append(numbers(10, 0));
    for (int i = 0; i < 12; ++i) {
        const Span all = store.append(span);
        CHECK(all.data() != span.data());
        span = all;
    }
    CHECK(same(span, numbers(10, 0)));
    Span doubled = store.append(numbers(1000, 0));
    doubled = store.append(store.views().back());
    CHECK(same(doubled, numbers(1000, 0)));
}
