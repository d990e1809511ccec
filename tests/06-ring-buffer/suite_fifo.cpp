#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include <climits>
#include <deque>
#include <stdexcept>

#include "peers.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::run_together;
using cacheline::support::Watchdog;
using namespace std::chrono_literals;

Watchdog watch_try() {
    return Watchdog(5s, "a try_push or try_pop did not return",
                    "they never wait: a full or empty buffer is an ordinary answer");
}

TEST_CASE("items come out in the order they went in", "[fifo]") {
    WHY("first in, first out is what the consumer relies on");
    const auto watchdog = watch_try();
    RingBuffer<int> buffer(8);
    std::vector<int> out;
    for (int i = 1; i <= 5; ++i)
        REQUIRE(buffer.try_push(i));
    while (const auto item = buffer.try_pop())
        out.push_back(*item);
    CHECK(out == std::vector{1, 2, 3, 4, 5});
}

TEST_CASE("the capacity is the least power of two that is at least the one asked for", "[fifo]") {
    WHY("a power of two turns the division by the capacity into a mask; more than the least wastes "
        "memory");
    const std::size_t asked[] = {1, 2, 3, 4, 5, 7, 8, 9, 1000, 1024, 1025};
    std::vector<std::size_t> capacities;
    for (const std::size_t capacity : asked)
        capacities.push_back(RingBuffer<int>(capacity).capacity());
    CHECK(capacities == std::vector<std::size_t>{1, 2, 4, 4, 8, 8, 8, 16, 1024, 1024, 2048});
}

TEST_CASE("a buffer takes exactly as many items as its capacity says", "[fifo]") {
    WHY("a ring that keeps one slot empty to tell full from empty holds 7 where 8 were paid for; "
        "one that miscounts overwrites the oldest item");
    const auto watchdog = watch_try();
    for (const std::size_t asked : {8u, 100u, 3u, 2u, 1u}) {
        RingBuffer<std::size_t> buffer(asked);
        const std::size_t capacity = buffer.capacity();
        for (std::size_t lap = 0; lap < 3; ++lap) {
            INFO("capacity " << capacity << " (asked for " << asked << "), lap " << lap + 1);
            std::size_t accepted = 0;
            while (accepted <= capacity && buffer.try_push(accepted))
                ++accepted;
            REQUIRE(accepted == capacity);
            REQUIRE(buffer.size() == capacity);
            REQUIRE(buffer.try_pop() == std::optional<std::size_t>(0));
            REQUIRE(buffer.try_push(capacity));  // one out, one in, so that the laps start anywhere
            std::vector<std::size_t> out;
            while (const auto item = buffer.try_pop())
                out.push_back(*item);
            REQUIRE(out.size() == capacity);
            REQUIRE(out.front() == 1);
            REQUIRE(out.back() == capacity);
        }
    }
}

TEST_CASE("a full buffer refuses the item and leaves it intact", "[fifo][asan]") {
    WHY("the caller will offer the same item again; if it was moved from, it is lost");
    const auto watchdog = watch_try();
    RingBuffer<std::unique_ptr<int>> buffer(2);
    REQUIRE(buffer.try_push(std::make_unique<int>(1)));
    REQUIRE(buffer.try_push(std::make_unique<int>(2)));
    auto third = std::make_unique<int>(3);
    CHECK_FALSE(buffer.try_push(std::move(third)));
    REQUIRE(third != nullptr);
    CHECK_FALSE(buffer.try_emplace(std::move(third)));
    REQUIRE(third != nullptr);
    CHECK(*third == 3);

    const auto first = buffer.try_pop();
    REQUIRE(first.has_value());
    CHECK(**first == 1);
    CHECK(buffer.try_push(std::move(third)));
    CHECK(third == nullptr);
}

TEST_CASE("an empty buffer gives nothing, as often as it is asked", "[fifo]") {
    WHY("an empty buffer is an ordinary answer, and asking must not move the indices");
    const auto watchdog = watch_try();
    RingBuffer<int> buffer(4);
    for (int lap = 0; lap < 10; ++lap) {
        REQUIRE(buffer.empty());
        REQUIRE(buffer.size() == 0);
        REQUIRE(buffer.try_pop() == std::nullopt);
        REQUIRE(buffer.try_pop() == std::nullopt);
        REQUIRE(buffer.try_push(lap));
        REQUIRE_FALSE(buffer.empty());
        REQUIRE(buffer.try_pop() == std::optional<int>(lap));
    }
}

TEST_CASE("any script of pushes and pops gives what a deque gives", "[fifo][asan]") {
    WHY("wrapping around, filling up and draining must not be visible from outside");
    const auto watchdog = watch_try();
    SEEDED_RNG(rng);
    for (const std::size_t asked : {64u, 5u, 4u, 2u, 1u}) {
        INFO("capacity asked for: " << asked);
        RingBuffer<std::string> buffer(asked);
        std::deque<std::string> model;
        std::string expected;
        std::string got;
        std::size_t bias = 50;
        int step = 0;
        for (; step < 3000 && got == expected; ++step) {
            if (step % 100 == 0) bias = 20 + rng() % 61;  // mostly filling, or mostly draining
            expected = got = "nothing";
            if (rng() % 100 < bias) {
                const std::string item = "a string on the heap, number " + std::to_string(step);
                expected = model.size() < buffer.capacity() ? "accepted" : "refused";
                got = buffer.try_push(item) ? "accepted" : "refused";
                if (expected == "accepted") model.push_back(item);
            } else {
                if (!model.empty()) {
                    expected = model.front();
                    model.pop_front();
                }
                if (auto item = buffer.try_pop()) got = *item;
            }
            expected += ", size " + std::to_string(model.size());
            got += ", size " + std::to_string(buffer.size());
            if (buffer.empty() != model.empty()) got += ", but empty() says otherwise";
        }
        INFO("step " << step - 1 << " of the script");
        REQUIRE(got == expected);
    }
}

TEST_CASE("a capacity of 0 is an invalid argument", "[fifo]") {
    WHY("a queue that can hold nothing is a mistake of the caller's, best told at once");
    REQUIRE_THROWS_AS(RingBuffer<int>(0), std::invalid_argument);
}

TEST_CASE("a capacity that no memory can hold is a length error", "[fifo]") {
    WHY("rounding up or multiplying by the item's size may overflow, and then a tiny block is "
        "allocated for a huge queue");
    using Item = std::uint64_t;
    constexpr std::size_t kMax = SIZE_MAX;
    constexpr std::size_t kMost = std::size_t{PTRDIFF_MAX} / sizeof(Item);  // not a power of two
    REQUIRE_THROWS_AS(RingBuffer<Item>(kMax), std::length_error);
    REQUIRE_THROWS_AS(RingBuffer<Item>(kMax / 2 + 2), std::length_error);
    REQUIRE_THROWS_AS(RingBuffer<char>(kMax / 2 + 1), std::length_error);
    REQUIRE_THROWS_AS(RingBuffer<Item>(kMax / sizeof(Item) + 2), std::length_error);
    REQUIRE_THROWS_AS(RingBuffer<Item>(kMost), std::length_error);
}

TEST_CASE("a capacity that this machine cannot hold is a bad_alloc", "[fifo]") {
    WHY("a null pointer that nobody checked is a crash at the first push, far from its cause");
    constexpr std::size_t kTooMany = std::size_t{1} << (sizeof(std::size_t) * 8 - 8);
    REQUIRE_THROWS_AS(RingBuffer<std::uint64_t>(kTooMany), std::bad_alloc);
}

TEST_CASE("pop waits for an item and push waits for room", "[fifo][tsan]") {
    WHY("the waiting forms are for threads that have nothing else to do");
    const Watchdog watchdog(5s, "push or pop did not return", "each waits only for the other side");
    RingBuffer<int> requests(1);
    RingBuffer<int> replies(1);
    constexpr int kRounds = 50;
    std::vector<int> got;
    run_together({[&] {
                      for (int i = 0; i < kRounds; ++i) {
                          requests.push(i);
                          got.push_back(replies.pop());
                      }
                      const int more = kRounds;
                      for (int i = 0; i < 3; ++i)
                          requests.push(more);  // more than fit
                  },
                  [&] {
                      for (int i = 0; i < kRounds; ++i)
                          replies.push(2 * requests.pop());
                      for (int i = 0; i < 3; ++i)
                          static_cast<void>(requests.pop());
                  }});
    std::vector<int> expected;
    for (int i = 0; i < kRounds; ++i)
        expected.push_back(2 * i);
    CHECK(got == expected);
}

}  // namespace
