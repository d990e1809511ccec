// What becomes of the items of a block, above all when one of them throws.

#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include <stdexcept>

#include "bulk.hpp"
#include "support/lifetime.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::Lifetime;
using cacheline::support::Tracked;
using cacheline::tests::watch_bulk;

TEST_CASE("a copy that throws inside a block leaves the buffer as it was", "[bulk][asan]") {
    WHY("half a block that nobody can see must be destroyed again, or it leaks");
    const auto watchdog = watch_bulk();
    for (std::size_t failing = 1; failing <= 5; ++failing) {
        INFO("copy " << failing << " of a block of 5 that wraps around throws");
        Lifetime::reset();
        {
            RingBuffer<Tracked<>> buffer(8);
            for (std::uint64_t i = 0; i < 6; ++i)
                REQUIRE(buffer.try_emplace(i));
            for (std::uint64_t i = 0; i < 5; ++i)
                REQUIRE(buffer.try_pop().has_value());
            std::vector<Tracked<>> block;
            block.reserve(5);
            for (std::uint64_t i = 0; i < 5; ++i)
                block.emplace_back(10 + i);
            Lifetime::throw_at = failing;
            CHECK_THROWS_AS(buffer.push_n(block), std::runtime_error);
            Lifetime::throw_at = 0;
            CHECK(buffer.size() == 1);
            const std::ptrdiff_t alive = Lifetime::live;
            CHECK(alive == 1 + 5);  // the one in the buffer, and the block's own
            CHECK(buffer.push_n(block) == 5);
            const auto oldest = buffer.try_pop();
            REQUIRE(oldest.has_value());
            CHECK(oldest->value() == 5);
        }
        CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
    }
}

TEST_CASE("pop_n assigns, destroys and frees exactly what it returns", "[bulk][asan]") {
    WHY("the slots of a popped block hold no items any more, and the elements of out stay alive");
    const auto watchdog = watch_bulk();
    Lifetime::reset();
    {
        RingBuffer<Tracked<>> buffer(8);
        std::vector<Tracked<>> out;
        out.reserve(3);
        for (std::uint64_t i = 0; i < 3; ++i)
            out.emplace_back(100 + i);
        for (std::uint64_t i = 0; i < 20; ++i) {
            while (buffer.try_emplace(i)) {
            }
            REQUIRE(buffer.pop_n(out) == 3);
            REQUIRE(buffer.size() == 5);
            const std::ptrdiff_t alive = Lifetime::live;
            REQUIRE(alive == 5 + 3);  // in the buffer, and in out
            const std::size_t copies = Lifetime::copied;
            REQUIRE(copies == 0);
        }
    }
    CHECK(Lifetime::at_the_end() == Lifetime::kFlawless);
}

// An item whose assignment throws if it says so.
struct Thorny {
    int value = 0;
    bool throws = false;

    Thorny() = default;
    Thorny(int number, bool thorny) : value(number), throws(thorny) {}
    Thorny(const Thorny&) = default;
    Thorny(Thorny&&) = default;
    Thorny& operator=(const Thorny&) = default;
    Thorny& operator=(Thorny&& other) {
        if (other.throws) throw std::runtime_error("an item's assignment throws");
        value = other.value;
        return *this;
    }
    ~Thorny() = default;
};

TEST_CASE("an assignment that throws inside a block loses no item", "[bulk][asan]") {
    WHY("the items before it were handed over and must not come a second time; the rest must come");
    const auto watchdog = watch_bulk();
    RingBuffer<Thorny> buffer(8);
    for (int i = 0; i < 6; ++i)
        REQUIRE(buffer.try_emplace(-1, false));  // the block will wrap
    for (int i = 0; i < 6; ++i)
        REQUIRE(buffer.try_pop().has_value());
    for (int i = 1; i <= 5; ++i)
        REQUIRE(buffer.try_emplace(i, i == 4));
    std::vector<Thorny> out(5);
    CHECK_THROWS_AS(buffer.pop_n(out), std::runtime_error);
    CHECK(buffer.size() == 2);
    CHECK(out[2].value == 3);
    std::vector<int> rest;
    while (const auto item = buffer.try_pop())
        rest.push_back(item->value);
    CHECK(rest == std::vector{4, 5});
}

}  // namespace
