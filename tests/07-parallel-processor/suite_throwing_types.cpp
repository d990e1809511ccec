#include "support/suite.hpp"

#include <parallel_processor.hpp>

#include <compare>
#include <stdexcept>

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

// An iterator over numbers of which one copy, the one counted down to, throws.
class Fragile {
public:
    using value_type = int;
    using difference_type = std::ptrdiff_t;
    static inline std::atomic<int> copies_left{0};

    Fragile() = default;
    explicit Fragile(const int* at) : at_(at) {}
    Fragile(const Fragile& other) : at_(other.at_) {
        if (--copies_left == 0) throw std::runtime_error("a copy of the iterator");
    }
    Fragile& operator=(const Fragile&) = default;

    const int& operator*() const { return *at_; }
    const int& operator[](difference_type i) const { return at_[i]; }
    Fragile& operator+=(difference_type i) { return at_ += i, *this; }
    Fragile& operator-=(difference_type i) { return at_ -= i, *this; }
    Fragile& operator++() { return ++at_, *this; }
    Fragile& operator--() { return --at_, *this; }
    Fragile operator++(int) { return Fragile(at_++); }
    Fragile operator--(int) { return Fragile(at_--); }
    friend Fragile operator+(const Fragile& i, difference_type n) { return Fragile(i.at_ + n); }
    friend Fragile operator+(difference_type n, const Fragile& i) { return Fragile(i.at_ + n); }
    friend Fragile operator-(const Fragile& i, difference_type n) { return Fragile(i.at_ - n); }
    friend difference_type operator-(const Fragile& a, const Fragile& b) { return a.at_ - b.at_; }
    friend auto operator<=>(const Fragile& a, const Fragile& b) { return a.at_ <=> b.at_; }
    friend bool operator==(const Fragile& a, const Fragile& b) { return a.at_ == b.at_; }

private:
    const int* at_ = nullptr;
};

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
