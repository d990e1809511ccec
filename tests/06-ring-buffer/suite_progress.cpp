#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include "peers.hpp"
#include "support/allocation_counter.hpp"
#include "support/lock_counter.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::AllocationCounter;
using cacheline::support::LockCounter;
using cacheline::support::run_together;
using cacheline::support::Watchdog;
using cacheline::tests::AtExit;
using cacheline::tests::Gate;
using namespace std::chrono_literals;

// Fills and drains, with a refusal at either end.
void fill_and_drain(RingBuffer<std::uint64_t>& buffer) {
    std::uint64_t i = 0;
    while (buffer.try_push(i))
        ++i;
    while (buffer.try_pop()) {
    }
}

TEST_CASE("try_push and try_pop take no lock and never sleep", "[progress]") {
    WHY("a thread that holds a lock and loses its processor stops everybody who wants the lock");
    const Watchdog watchdog(5s, "a try_push or try_pop did not return");
    RingBuffer<std::uint64_t> buffer(64);
    const LockCounter counter;
    for (int lap = 0; lap < 10; ++lap)
        fill_and_drain(buffer);
    static_cast<void>(buffer.try_emplace(std::uint64_t{1}));
    const std::size_t locks = counter.count();
    INFO("the last call counted: " << LockCounter::last());
    CHECK(locks == 0);
}

TEST_CASE("with both sides at work there is still no lock", "[progress]") {
    WHY("a lock-free queue has no rare path on which it locks after all");
    const Watchdog watchdog(5s, "the transfer did not come to its end");
    RingBuffer<std::uint64_t> buffer(64);
    std::size_t producer_locks = 0;
    std::size_t consumer_locks = 0;
    const char* producer_last = "";
    const char* consumer_last = "";
    constexpr int kTries = 100'000;  // accepted or refused, each is counted
    run_together({[&] {
                      const LockCounter counter;
                      for (std::uint64_t i = 0; i < kTries; ++i)
                          static_cast<void>(buffer.try_push(i));
                      producer_locks = counter.count();
                      producer_last = LockCounter::last();
                  },
                  [&] {
                      const LockCounter counter;
                      for (int i = 0; i < kTries; ++i)
                          static_cast<void>(buffer.try_pop());
                      consumer_locks = counter.count();
                      consumer_last = LockCounter::last();
                  }});
    {
        INFO("the last call counted: " << producer_last);
        CHECK(producer_locks == 0);
    }
    INFO("the last call counted: " << consumer_last);
    CHECK(consumer_locks == 0);
}

TEST_CASE("after its construction the buffer allocates nothing", "[progress]") {
    WHY("malloc may lock, and may fail; a bounded queue needs all of its memory once");
    const Watchdog watchdog(5s, "a try_push or try_pop did not return");
    RingBuffer<std::uint64_t> buffer(64);
    const AllocationCounter counter;
    for (int lap = 0; lap < 3; ++lap)
        fill_and_drain(buffer);
    const std::size_t allocations = counter.allocations();
    CHECK(allocations == 0);
}

// An item whose construction, or first move after `arm`, stands in a gate.
class Sluggish {
public:
    explicit Sluggish(int value) : value_(value) {}
    Sluggish(int value, Gate& gate) : value_(value) { gate.pass(); }
    Sluggish(Sluggish&& other) : value_(other.value_) {
        if (Gate* const gate = armed.exchange(nullptr)) gate->pass();
    }
    Sluggish& operator=(Sluggish&&) = delete;
    ~Sluggish() = default;

    [[nodiscard]] int value() const { return value_; }

    static inline std::atomic<Gate*> armed{nullptr};

private:
    int value_;
};

TEST_CASE("a producer held inside a constructor does not stop the consumer", "[progress][tsan]") {
    WHY("the scheduler can take the producer off its processor at any instruction, for "
        "milliseconds; what it published before must be within reach");
    const Watchdog watchdog(5s, "try_pop did not return while a constructor was running",
                            "a consumer must never wait for a producer");
    RingBuffer<Sluggish> buffer(8);
    Gate gate;
    for (int i = 1; i <= 3; ++i)
        REQUIRE(buffer.try_emplace(i));
    std::vector<int> meanwhile;
    bool pushed = false;
    run_together({[&] {
                      const AtExit done([&] { gate.give_up(); });
                      pushed = buffer.try_emplace(4, gate);
                  },
                  [&] {
                      const AtExit done([&] { gate.open(); });
                      gate.await_visitor();
                      for (int i = 0; i < 5; ++i)
                          if (const auto item = buffer.try_pop())
                              meanwhile.push_back(item->value());
                  }});
    CHECK(pushed);
    CHECK(meanwhile == std::vector{1, 2, 3});
    const auto last = buffer.try_pop();
    REQUIRE(last.has_value());
    CHECK(last->value() == 4);
}

TEST_CASE("a consumer held inside a move does not stop the producer", "[progress][tsan]") {
    WHY("a producer that has to wait for a consumer drops packets; but the slot that is being read "
        "is not free yet");
    const Watchdog watchdog(5s, "try_push did not return while an item was being moved out",
                            "a producer must never wait for a consumer");
    RingBuffer<Sluggish> buffer(8);
    Gate gate;
    REQUIRE(buffer.try_emplace(1));
    int accepted = 0;
    int first = 0;
    Sluggish::armed = &gate;
    run_together({[&] {
                      const AtExit done([&] { gate.give_up(); });
                      if (const auto item = buffer.try_pop()) first = item->value();
                  },
                  [&] {
                      const AtExit done([&] { gate.open(); });
                      gate.await_visitor();
                      for (int i = 2; i < 12; ++i)
                          accepted += buffer.try_emplace(i);
                  }});
    Sluggish::armed = nullptr;
    CHECK(first == 1);
    CHECK(accepted == 7);
    std::vector<int> rest;
    while (const auto item = buffer.try_pop())
        rest.push_back(item->value());
    CHECK(rest == std::vector{2, 3, 4, 5, 6, 7, 8});
}

}  // namespace
