#include "support/suite.hpp"

// The student's header.
#include <stable_store.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

#include "support/allocation_counter.hpp"
#include "support/lifetime.hpp"

using cacheline::StableStore;
using cacheline::support::AllocationCounter;
using cacheline::support::Lifetime;
using Tracked = cacheline::support::Tracked<>;
using Span = std::span<const int>;

namespace {

std::vector<int> numbers(int first, std::size_t count) {
    std::vector<int> result(count);
    std::iota(result.begin(), result.end(), first);
    return result;
}

bool same(Span a, Span b) {
    return std::ranges::equal(a, b);
}

std::vector<Tracked> tracked(std::size_t count) {
    std::vector<Tracked> result;
    result.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        result.emplace_back(i);
    return result;
}

}  // namespace

TEST_CASE("append copies the items and says where they are", "[store][asan]") {
    WHY("the caller's array may go: the span that is returned is the store's own memory");
    StableStore<int> store;
    std::vector<int> items = numbers(1, 5);
    const Span span = store.append(items);
    CHECK(span.data() != items.data());
    items.assign(5, 0);
    CHECK(same(span, numbers(1, 5)));
    const Span second = store.append(numbers(6, 3));
    CHECK(same(second, numbers(6, 3)));
    CHECK(same(span, numbers(1, 5)));
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
        expected.push_back(numbers(next, rng() % 40));
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
        const std::vector<int> items = numbers(static_cast<int>(count), count);
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
        spans.push_back(store.append(numbers(i, static_cast<std::size_t>(i % 5))));
    spans.push_back(store.adopt(numbers(7, 100)));
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

TEST_CASE("clear destroys the elements and returns the memory", "[store][asan]") {
    WHY("what nobody holds must go at once, every element exactly once");
    Lifetime::reset();
    StableStore<Tracked> store;
    {
        const std::vector<Tracked> items = tracked(100);
        for (int i = 0; i < 10; ++i)
            store.append(items);
        store.adopt(tracked(7));
    }
    CHECK(Lifetime::live == 1007);
    store.clear();
    CHECK(Lifetime::live == 0);
    CHECK(store.size() == 0);
    CHECK(store.memory_usage() == 0);
    CHECK(store.views().empty());
    {
        const std::vector<Tracked> items = tracked(3);
        CHECK(store.append(items)[2].value() == 2);
    }
    CHECK(store.size() == 3);
    CHECK(store.views().size() == 1);
    CHECK(Lifetime::misused == 0);
}

TEST_CASE("a hold keeps spans valid through clear and the end of the store", "[store][asan]") {
    WHY("a reader that is not done yet must be able to say so");
    Lifetime::reset();
    std::shared_ptr<const void> hold;
    std::span<const Tracked> span;
    std::span<const Tracked> adopted;
    {
        StableStore<Tracked> store;
        const std::vector<Tracked> items = tracked(50);
        span = store.append(items);
        adopted = store.adopt(tracked(20));
        hold = store.hold();
        store.clear();
        CHECK(store.size() == 0);
        CHECK(span[49].value() == 49);
        store.append(items);
        CHECK(store.size() == 50);
    }
    CHECK(Lifetime::live == 70);
    CHECK(span[0].value() == 0);
    CHECK(adopted[19].value() == 19);
    hold.reset();
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("an element whose copy throws leaves the store as it was", "[store][asan]") {
    WHY("half an append must not be counted, listed, or destroyed twice");
    Lifetime::reset();
    {
        const std::vector<Tracked> items = tracked(10);
        StableStore<Tracked> store;
        store.append(items);
        for (std::size_t at = 1; at <= 10; ++at) {
            Lifetime::throw_at = at;
            CHECK_THROWS_AS(store.append(items), std::runtime_error);
            CHECK(Lifetime::live == 20);
        }
        CHECK(store.size() == 10);
        CHECK(store.views().size() == 1);
        CHECK(store.append(items)[9].value() == 9);
        CHECK(store.size() == 20);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a store can append what lies in itself", "[store][asan]") {
    WHY("elements that never move can be read while the store grows; a vector's cannot");
    StableStore<int> store;
    Span span = store.append(numbers(0, 10));
    for (int i = 0; i < 12; ++i) {
        const Span all = store.append(span);
        CHECK(all.data() != span.data());
        span = all;
    }
    CHECK(same(span, numbers(0, 10)));
    Span doubled = store.append(numbers(0, 1000));
    doubled = store.append(store.views().back());
    CHECK(same(doubled, numbers(0, 1000)));
}

TEST_CASE("elements are aligned, copied once and never moved", "[store][asan]") {
    WHY("each move of an element would leave a span behind");
    using cacheline::support::OverAligned;
    Lifetime::reset();
    {
        std::vector<OverAligned> items;
        for (std::uint64_t i = 0; i < 30; ++i)
            items.emplace_back(i);
        Lifetime::reset();
        Lifetime::live = 30;
        StableStore<OverAligned> store;
        for (int i = 0; i < 20; ++i)
            store.append(items);
        CHECK(Lifetime::copied == 600);
        CHECK(Lifetime::moved == 0);
        CHECK(Lifetime::constructed == 600);
        CHECK(store.views()[19][29].value() == 29);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("adopt takes a vector over where it lies", "[store][asan]") {
    WHY("the elements have a place already: zero copies, zero moves, also of move-only types");
    using cacheline::support::MoveOnly;
    Lifetime::reset();
    {
        StableStore<MoveOnly> store;
        std::vector<std::span<const MoveOnly>> spans;
        for (std::uint64_t i = 0; i < 40; ++i) {
            std::vector<MoveOnly> items;
            items.reserve(2);
            items.emplace_back(i);
            items.emplace_back(i + 100);
            const MoveOnly* const before = items.data();
            spans.push_back(store.adopt(std::move(items)));
            CHECK(spans.back().data() == before);
        }
        CHECK(Lifetime::moved == 0);
        std::uint64_t wrong_spans = 0;
        for (std::uint64_t i = 0; i < 40; ++i)
            wrong_spans +=
                spans[i].size() != 2 || spans[i][0].value() != i || spans[i][1].value() != i + 100;
        CHECK(wrong_spans == 0);
        CHECK(store.size() == 80);
        CHECK(store.adopt({}).empty());
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("a store can be moved, and its spans stay", "[store][asan]") {
    WHY("moving the store moves the ownership, not the elements");
    Lifetime::reset();
    {
        StableStore<Tracked> first;
        const std::span<const Tracked> span = first.append(tracked(10));
        StableStore<Tracked> second = std::move(first);
        CHECK(second.size() == 10);
        CHECK(second.views().size() == 1);
        CHECK(first.size() == 0);
        CHECK(first.views().empty());
        CHECK(first.memory_usage() == 0);
        CHECK(first.append(tracked(2)).size() == 2);
        CHECK(span[9].value() == 9);
        first = std::move(second);
        CHECK(Lifetime::live == 10);
        CHECK(span[0].value() == 0);
        CHECK(first.views()[0].data() == span.data());
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}
