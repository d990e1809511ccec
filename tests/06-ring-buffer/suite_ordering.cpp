#include "support/suite.hpp"

#include <ring_buffer.hpp>

#include <algorithm>
#include <atomic>
#include <thread>

#include "peers.hpp"
#include "support/threads.hpp"
#include "support/watchdog.hpp"

namespace {

using cacheline::RingBuffer;
using cacheline::support::run_together;
using cacheline::support::Watchdog;
using cacheline::tests::AtExit;
using cacheline::tests::insist;
using cacheline::tests::Wide;
using namespace std::chrono_literals;

// Few hand-overs: on a loaded machine each may cost the time of a scheduler's turn.
constexpr std::uint64_t kItems = 20'000;

Watchdog watch_transfer() {
    return Watchdog(
        9s, "the transfer did not come to its end",
        "an item that is lost, or a slot that never becomes free, leaves the other side "
        "waiting for ever");
}

// What is wrong with a sequence that should be 0, 1, 2, …: the first wrong place.
class Sequence {
public:
    void add(std::uint64_t got) {
        if (got != next_ && wrong_.empty())
            wrong_ = "item " + std::to_string(got) + " came in place of " + std::to_string(next_);
        ++next_;
    }
    [[nodiscard]] const std::string& wrong() const { return wrong_; }

private:
    std::uint64_t next_ = 0;
    std::string wrong_;
};

TEST_CASE("between two threads no item is lost, doubled or reordered", "[ordering][tsan]") {
    WHY("publishing an index before the item, or with too weak an order, shows the consumer what "
        "is not there yet");
    const auto watchdog = watch_transfer();
    RingBuffer<std::uint64_t> buffer(256);
    Sequence sequence;
    run_together({[&] {
                      for (std::uint64_t i = 0; i < kItems; ++i)
                          insist([&] { return buffer.try_push(i); });
                  },
                  [&] {
                      for (std::uint64_t i = 0; i < kItems; ++i)
                          sequence.add(*insist([&] { return buffer.try_pop(); }));
                  }});
    CHECK(sequence.wrong() == "");
    CHECK(buffer.empty());
}

TEST_CASE("an item of many words arrives whole", "[ordering][tsan]") {
    WHY("the consumer must not read a slot while the producer writes it, nor the other way round");
    const auto watchdog = watch_transfer();
    RingBuffer<Wide> buffer(64);
    constexpr std::uint64_t kFew = kItems / 5;
    Sequence sequence;
    std::uint64_t torn_items = 0;
    run_together({[&] {
                      for (std::uint64_t i = 0; i < kFew; ++i)
                          insist([&] { return buffer.try_emplace(i); });
                  },
                  [&] {
                      for (std::uint64_t i = 0; i < kFew; ++i) {
                          const Wide item = *insist([&] { return buffer.try_pop(); });
                          sequence.add(item.words[0]);
                          torn_items += item.torn();
                      }
                  }});
    CHECK(torn_items == 0);
    CHECK(sequence.wrong() == "");
}

TEST_CASE("a slot is written again only after it was read", "[ordering][tsan]") {
    WHY("with one or two slots each item overwrites the last but one: the consumer's release and "
        "the producer's acquire are what keeps them apart");
    const auto watchdog = watch_transfer();
    for (const std::size_t capacity : {1u, 2u}) {
        INFO("capacity " << capacity);
        RingBuffer<std::string> buffer(capacity);
        constexpr std::uint64_t kFew = 50;
        Sequence sequence;
        run_together({[&] {
                          for (std::uint64_t i = 0; i < kFew; ++i) {
                              std::string item = std::string(40, '0') + std::to_string(i);
                              insist([&] { return buffer.try_push(std::move(item)); });
                          }
                      },
                      [&] {
                          for (std::uint64_t i = 0; i < kFew; ++i)
                              sequence.add(std::stoull(*insist([&] { return buffer.try_pop(); })));
                      }});
        CHECK(sequence.wrong() == "");
    }
}

TEST_CASE("what was done before a push is seen after the pop", "[ordering][tsan]") {
    WHY("threads pass pointers and indices: what they point at must have arrived with them");
    const auto watchdog = watch_transfer();
    constexpr std::uint64_t kCells = kItems / 4;
    std::vector<std::uint64_t> cells(kCells, 0);
    RingBuffer<std::uint64_t*> buffer(256);
    std::uint64_t items_not_yet_written = 0;
    run_together({[&] {
                      for (std::uint64_t i = 0; i < kCells; ++i) {
                          cells[i] = i + 1;
                          insist([&] { return buffer.try_push(&cells[i]); });
                      }
                  },
                  [&] {
                      for (std::uint64_t i = 0; i < kCells; ++i)
                          items_not_yet_written +=
                              **insist([&] { return buffer.try_pop(); }) != i + 1;
                  }});
    CHECK(items_not_yet_written == 0);
}

TEST_CASE("waiting pushes and pops keep the order", "[ordering][tsan]") {
    WHY("the waiting forms look at the other side's index in a loop, and each look must count");
    const auto watchdog = watch_transfer();
    RingBuffer<std::uint64_t> buffer(512);
    Sequence sequence;
    run_together({[&] {
                      for (std::uint64_t i = 0; i < kItems; ++i)
                          buffer.push(i);
                  },
                  [&] {
                      for (std::uint64_t i = 0; i < kItems; ++i)
                          sequence.add(buffer.pop());
                  }});
    CHECK(sequence.wrong() == "");
    CHECK(buffer.size() == 0);
}

TEST_CASE("the size stays between 0 and the capacity while both sides work", "[ordering][tsan]") {
    WHY("two indices cannot be read at one moment; a difference taken the wrong way round is "
        "negative, which is 18 quintillion in a size_t");
    const auto watchdog = watch_transfer();
    RingBuffer<std::uint64_t> buffer(16);
    const std::size_t capacity = buffer.capacity();
    constexpr std::uint64_t kFew = kItems / 50;
    std::size_t largest_seen = 0;      // by the consumer
    std::size_t largest_left = 0;      // by the producer
    std::size_t largest_observed = 0;  // by a third thread
    std::atomic<bool> over{false};
    run_together({[&] {
                      for (std::uint64_t i = 0; i < kFew; ++i) {
                          insist([&] { return buffer.try_push(i); });
                          largest_left = std::max(largest_left, buffer.size());
                      }
                  },
                  [&] {
                      const AtExit done([&] { over = true; });
                      for (std::uint64_t i = 0; i < kFew; ++i) {
                          largest_seen = std::max(largest_seen, buffer.size());
                          insist([&] { return buffer.try_pop(); });
                      }
                  },
                  [&] {
                      while (!over) {
                          for (int i = 0; i < 50; ++i)
                              largest_observed = std::max(largest_observed, buffer.size());
                          std::this_thread::yield();
                      }
                  }});
    CHECK(largest_seen <= capacity);
    CHECK(largest_left <= capacity);
    CHECK(largest_observed <= capacity);
}

}  // namespace
