#include "support/suite.hpp"

// The student's header.
#include <stable_store.hpp>

#include <utility>

#include "support/lifetime.hpp"

using cacheline::StableStore;
using cacheline::support::Lifetime;
using Tracked = cacheline::support::Tracked<>;

namespace {

std::vector<Tracked> tracked(std::size_t count) {
    std::vector<Tracked> result;
    result.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        result.emplace_back(i);
    return result;
}

}  // namespace

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

TEST_CASE("an append that throws takes no memory", "[store][asan]") {
    WHY("a chunk that was opened for elements that never came is memory for nothing");
    Lifetime::reset();
    {
        const std::vector<Tracked> few = tracked(10);
        const std::vector<Tracked> many = tracked(25000);
        StableStore<Tracked> store;
        std::string wrong;
        const auto check_appends = [&](std::span<const Tracked> items) {
            const std::size_t before = store.memory_usage();
            for (const std::size_t at :
                 {std::size_t{1}, std::size_t{2}, std::size_t{3}, items.size()}) {
                Lifetime::throw_at = at;
                bool thrown = false;
                try {
                    store.append(items);
                } catch (const std::runtime_error&) {
                    thrown = true;
                }
                if (!thrown || store.memory_usage() != before)
                    wrong += std::to_string(items.size()) + " items, of which number " +
                             std::to_string(at) + " throws: from " + std::to_string(before) +
                             " to " + std::to_string(store.memory_usage()) + " bytes. ";
            }
        };
        check_appends(few);
        check_appends(many);
        CHECK(wrong == "");
        store.append(few);
        check_appends(few);
        check_appends(many);
        CHECK(wrong == "");
        CHECK(store.size() == 10);
        CHECK(store.append(many)[24999].value() == 24999);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}
