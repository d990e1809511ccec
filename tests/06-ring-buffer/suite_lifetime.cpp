#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include "support/lifetime.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::Lifetime;
using cacheline::support::MoveOnly;
using cacheline::support::OverAligned;
using cacheline::support::Tracked;

using Item = Tracked<>;

std::size_t items_alive() {
    return static_cast<std::size_t>(Lifetime::live);
}

// The values of all items, oldest first.
template <typename T>
std::vector<std::uint64_t> drain(RingBuffer<T>& buffer) {
    std::vector<std::uint64_t> values;
    while (const std::optional<T> item = buffer.try_pop())
        values.push_back(item->value());
    return values;
}

TEST_CASE("an empty buffer has built no item", "[lifetime][asan]") {
    WHY("slots are raw memory: building items ahead needs a default constructor and costs time for "
        "nothing");
    Lifetime::reset();
    {
        const RingBuffer<Item> buffer(64);
        CHECK(buffer.capacity() == 64);
        CHECK(Lifetime::constructed == 0);
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("as many items are alive as the buffer holds", "[lifetime][asan]") {
    WHY("an item that is popped must be destroyed then, not when its slot is used again: it may "
        "own a file or a lock");
    Lifetime::reset();
    {
        RingBuffer<Item> buffer(4);
        for (std::uint64_t i = 0; i < 30; ++i) {
            const bool pushed = i % 3 != 2 ? buffer.try_emplace(i) : buffer.try_push(Item(i));
            REQUIRE(pushed);
            REQUIRE(items_alive() == buffer.size());
            if (i % 2 == 1 || buffer.size() == 4) {
                REQUIRE(buffer.try_pop().has_value());
                REQUIRE(items_alive() == buffer.size());
            }
            if (buffer.size() == 3) static_cast<void>(drain(buffer));
        }
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("what is left is destroyed with the buffer", "[lifetime][asan]") {
    WHY("items that nobody popped still own what they own; dropping the memory alone leaks it");
    for (const std::size_t popped : {0u, 3u, 7u}) {
        INFO("after " << popped << " items were pushed and popped, 5 more are pushed");
        Lifetime::reset();
        {
            RingBuffer<Item> buffer(8);
            for (std::uint64_t i = 0; i < popped; ++i) {
                REQUIRE(buffer.try_emplace(i));
                REQUIRE(buffer.try_pop().has_value());
            }
            for (std::uint64_t i = 0; i < 5; ++i)
                REQUIRE(buffer.try_emplace(i));
            REQUIRE(items_alive() == 5);
        }
        CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
    }
    RingBuffer<std::string> full(4);  // for ASan's leak check
    while (full.try_push("a string long enough to live on the heap")) {
    }
    CHECK(full.size() > 0);
}

TEST_CASE("items that can only be moved pass through", "[lifetime][asan]") {
    WHY("a queue is how threads hand ownership to each other");
    Lifetime::reset();
    {
        RingBuffer<MoveOnly> buffer(4);
        REQUIRE(buffer.try_push(MoveOnly(1)));
        REQUIRE(buffer.try_emplace(std::uint64_t{2}));
        buffer.push(MoveOnly(3));
        CHECK(buffer.pop().value() == 1);
        CHECK(drain(buffer) == std::vector<std::uint64_t>{2, 3});
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("pushing an rvalue copies nothing", "[lifetime]") {
    WHY("a copy of what could be moved is an allocation on the hot path");
    Lifetime::reset();
    RingBuffer<Item> buffer(4);
    REQUIRE(buffer.try_push(Item(1)));
    REQUIRE(buffer.try_emplace(std::uint64_t{2}));
    buffer.push(Item(3));
    CHECK(buffer.pop().value() == 1);
    CHECK(drain(buffer) == std::vector<std::uint64_t>{2, 3});
    CHECK(Lifetime::copied == 0);
}

TEST_CASE("pushing an lvalue copies it and leaves it alone", "[lifetime]") {
    WHY("what the caller keeps must not be moved from");
    Lifetime::reset();
    RingBuffer<Item> buffer(8);
    const Item kept(7);
    Item changeable(8);
    REQUIRE(buffer.try_push(kept));
    REQUIRE(buffer.try_push(changeable));
    buffer.push(kept);
    buffer.push(changeable);
    CHECK_FALSE(kept.moved_from());
    CHECK_FALSE(changeable.moved_from());
    CHECK(kept.value() == 7);
    CHECK(changeable.value() == 8);
    CHECK(drain(buffer) == std::vector<std::uint64_t>{7, 8, 7, 8});
}

TEST_CASE("over-aligned items stand on their alignment", "[lifetime][asan]") {
    WHY("vector instructions and padding against false sharing trust the alignment of the type");
    Lifetime::reset();
    {
        std::vector<std::unique_ptr<RingBuffer<OverAligned>>> buffers;
        for (std::size_t i = 0; i < 8; ++i)  // one alone may be lucky
            buffers.push_back(std::make_unique<RingBuffer<OverAligned>>(1 + i));
        for (const auto& buffer : buffers) {
            while (buffer->try_emplace(std::uint64_t{1})) {
            }
        }
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

TEST_CASE("an item whose constructor throws leaves the buffer as it was", "[lifetime][asan]") {
    WHY("publishing before the item is there gives the consumer an object that never lived");
    Lifetime::reset();
    {
        RingBuffer<Item> buffer(8);
        REQUIRE(buffer.try_emplace(std::uint64_t{1}));
        Lifetime::throw_at = 1;
        CHECK_THROWS_AS(buffer.try_emplace(std::uint64_t{2}), std::runtime_error);
        CHECK(buffer.size() == 1);
        const Item kept(3);
        Lifetime::throw_at = 1;
        CHECK_THROWS_AS(buffer.try_push(kept), std::runtime_error);
        CHECK(buffer.size() == 1);
        Lifetime::throw_at = 1;
        CHECK_THROWS_AS(buffer.push(kept), std::runtime_error);
        CHECK(buffer.size() == 1);
        for (std::uint64_t i = 4; i < 7; ++i)
            CHECK(buffer.try_emplace(i));
        CHECK(drain(buffer) == std::vector<std::uint64_t>{1, 4, 5, 6});
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

// How a pop went whose construction number `failing` of an item threw, if it came that far.
template <typename Pop>
std::string pop_with_a_throw(std::size_t failing, Pop pop) {
    RingBuffer<Item> buffer(4);
    for (std::uint64_t i = 1; i < 4; ++i)
        static_cast<void>(buffer.try_emplace(i));
    Lifetime::throw_at = failing;
    bool threw = false;
    try {
        pop(buffer);
    } catch (const std::runtime_error&) {
        threw = true;
    }
    Lifetime::throw_at = 0;
    const std::size_t alive = items_alive();
    if (alive != buffer.size()) return std::to_string(alive) + " alive";
    std::string left = threw ? "threw, left are" : "left are";
    for (const std::uint64_t value : drain(buffer))
        left += ' ' + std::to_string(value);
    return left;
}

TEST_CASE("an item whose move throws stays in the buffer", "[lifetime][asan]") {
    WHY("an exception on the way out must not lose the item: the consumer can try again. An item "
        "that is moved once more after its slot is free may be lost on that way");
    Lifetime::reset();
    std::vector<std::string> outcomes;
    for (std::size_t failing = 1; failing <= 4; ++failing) {  // there may be one move or more
        outcomes.push_back(
            pop_with_a_throw(failing, [](auto& buffer) { static_cast<void>(buffer.try_pop()); }));
        outcomes.push_back(
            pop_with_a_throw(failing, [](auto& buffer) { static_cast<void>(buffer.pop()); }));
    }
    const std::vector<std::string> first_move(outcomes.begin(), outcomes.begin() + 2);
    CHECK(first_move == std::vector<std::string>(2, "threw, left are 1 2 3"));
    std::erase(outcomes, "threw, left are 1 2 3");
    const std::vector<std::string> others = outcomes;
    CHECK(others == std::vector<std::string>(others.size(), "left are 2 3"));
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

}  // namespace
