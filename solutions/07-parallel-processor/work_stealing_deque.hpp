#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace cacheline {

/// A bounded deque with one owner and any number of thieves, none of whom ever waits for another.
///
/// The owner pushes and pops at the bottom, like a stack; thieves steal at the top, like a queue:
/// the owner works on what is warm in its cache, and a thief gets what was put in first, which is
/// the largest piece where work is split in halves.
///
/// The algorithm is Chase and Lev's ("Dynamic Circular Work-Stealing Deque", SPAA 2005) as written
/// for C11 atomics by Lê, Pop, Cohen and Zappa Nardelli ("Correct and Efficient Work-Stealing for
/// Weak Memory Models", PPoPP 2013), with two changes:
/// - it does not grow. Work that is halved again and again needs one entry for each halving, and an
///   owner whose deque is full can simply do the work instead of offering it;
/// - their sequentially consistent fences are seq_cst operations on the indices themselves. This
///   costs the same on x86 (one locked instruction each for push and pop, none for an empty steal),
///   is easier to reason about, and ThreadSanitizer understands it, which it does not for fences.
///
/// Why it is right. The indices only name positions: entry i lives in slots_[i % Capacity], top_
/// never decreases, and every step of it from i to i + 1 is one successful compare-exchange, so for
/// each i at most one thread makes it.
///
/// 1. Publication. try_push writes the slot, then stores bottom_ (seq_cst, so release). A thief
///    reads bottom_ (seq_cst, so acquire) before the slot: if it sees the entry counted, it sees
///    its words.
///
/// 2. Nobody reads a slot that is being reused, and keeps what it read. Entry i + Capacity
///    overwrites entry i only after the owner has seen top_ > i. A thief still at i then fails its
///    compare-exchange and throws away whatever mixture of words it read; the words are atomics, so
///    reading such a mixture is no data race. A thief that succeeded at i released top_ after its
///    reads, and the owner acquired it before it wrote.
///
/// 3. No entry is taken twice. If two are left or more, the owner pops without a compare-exchange,
///    so the danger is a thief that takes the very entry b that the owner pops:
///
///        owner: bottom_ = b   (P1);  reads top_ (P2), finds it < b, takes entry b
///        thief: reads top_ = b (S1); reads bottom_ (S2), finds it > b; top_: b -> b + 1
///
///    All four are seq_cst, hence in one total order. S2 did not see P1, so S2 comes before P1, and
///    S1 < S2 < P1 < P2. But top_ was b at S1 and never decreases, so P2 can't find it below b.
///    With a release store in P1 this fails on real machines, x86 included: the store waits in the
///    store buffer while P2 already reads.
///    If exactly one is left (P2 finds top_ == b), owner and thieves all go through the
///    compare-exchange on top_, which one of them wins.
///
/// 4. What a thief reads between S2 and a compare-exchange that succeeds was true all that time.
///    Entry i, the oldest, can leave the deque only by a step of top_ from i to i + 1, and that
///    step is this very exchange. So what the entry refers to was there as long as `accept` looked.
///
/// @tparam T         trivially copyable, a whole number of machine words long
/// @tparam Capacity  a power of two
template <typename T, std::size_t Capacity = 128>
class WorkStealingDeque {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uintptr_t) == 0);
    static_assert(std::has_single_bit(Capacity));

public:
    /// Adds an item at the bottom. Owner only.
    /// @return false, and nothing is changed, if Capacity items are in already.
    bool try_push(const T& item) noexcept {
        const std::int64_t bottom = bottom_.load(std::memory_order_relaxed);
        // Acquire pairs with the thieves' compare-exchange: point 2.
        if (bottom - top_.load(std::memory_order_acquire) >= kCapacity) return false;
        slot(bottom).write(item);
        // Release would do for the thieves (point 1). It is seq_cst for the sake of a thread that
        // pushes and then looks whether anybody sleeps: see Doorbell.
        bottom_.store(bottom + 1, std::memory_order_seq_cst);
        return true;
    }

    /// Takes the item pushed last. Owner only.
    std::optional<T> try_pop() noexcept {
        const std::int64_t bottom = bottom_.load(std::memory_order_relaxed) - 1;
        bottom_.store(bottom, std::memory_order_seq_cst);         // P1
        std::int64_t top = top_.load(std::memory_order_seq_cst);  // P2
        if (top < bottom) return slot(bottom).read();  // two or more: no thief comes so far
        std::optional<T> item;
        if (top == bottom) {
            item = slot(bottom).read();
            if (!top_.compare_exchange_strong(top, top + 1, std::memory_order_seq_cst,
                                              std::memory_order_relaxed))
                item.reset();
        }
        // Empty now. No thief can gain by this store, since top_ has come this far too; release
        // keeps it out of every argument above.
        bottom_.store(bottom + 1, std::memory_order_release);
        return item;
    }

    /// Takes the item pushed first, if there is one and `accept(item)` is true. Any thread.
    ///
    /// `accept` may be shown an item that somebody else is just taking. It may follow a pointer in
    /// it only to memory that stays and is atomic, and what it finds there is true only if the
    /// item is taken afterwards (point 4).
    template <typename Accept>
    std::optional<T> try_steal(Accept accept) noexcept {
        std::int64_t top = top_.load(std::memory_order_seq_cst);  // S1
        while (top < bottom_.load(std::memory_order_seq_cst)) {   // S2
            const T item = slot(top).read();
            if (!accept(item)) return std::nullopt;
            if (top_.compare_exchange_strong(top, top + 1)) return item;
            // Somebody else took this one and `top` is up to date: try the next. So "nothing"
            // always means that there was nothing, on which a thread that goes to sleep relies.
        }
        return std::nullopt;
    }

    std::optional<T> try_steal() noexcept {
        return try_steal([](const T&) { return true; });
    }

private:
    static constexpr auto kCapacity = static_cast<std::int64_t>(Capacity);
    static constexpr std::size_t kLine = 64;

    // One entry, word by word: a thief may read while the owner writes (point 2).
    class Slot {
    public:
        void write(const T& item) noexcept {
            const auto words = std::bit_cast<Words>(item);
            for (std::size_t i = 0; i < kWords; ++i)
                words_[i].store(words[i], std::memory_order_relaxed);
        }

        T read() const noexcept {
            Words words;
            for (std::size_t i = 0; i < kWords; ++i)
                words[i] = words_[i].load(std::memory_order_relaxed);
            return std::bit_cast<T>(words);
        }

    private:
        static constexpr std::size_t kWords = sizeof(T) / sizeof(std::uintptr_t);
        using Words = std::array<std::uintptr_t, kWords>;
        std::array<std::atomic<std::uintptr_t>, kWords> words_{};
    };

    Slot& slot(std::int64_t index) noexcept {
        return slots_[static_cast<std::size_t>(index) % Capacity];
    }

    // The owner writes bottom_ all the time, top_ changes only with a steal: apart, so that the
    // owner finds top_ in its own cache.
    alignas(kLine) std::atomic<std::int64_t> top_{0};
    alignas(kLine) std::atomic<std::int64_t> bottom_{0};
    alignas(kLine) std::array<Slot, Capacity> slots_{};
};

}  // namespace cacheline
