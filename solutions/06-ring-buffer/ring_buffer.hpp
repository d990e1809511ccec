#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>

namespace cacheline {

/// A bounded first-in, first-out queue between one producer thread and one consumer thread.
///
/// The ring is Lamport's (Specifying Concurrent Program Modules, 1983); caching the other side's
/// index is the MCRingBuffer of Lee, Bu and Chandranmenon (2009); waiting for lines to pile up is
/// the temporal slipping of FastForward (Giacomoni, Moseley and Vachharajani, 2008).
///
/// Why it is right. `tail` counts the pushes and `head` the pops; neither ever goes back, so
/// head <= tail <= head + capacity, slot i & mask holds item i, and nothing has to be left empty to
/// tell full from empty. (They wrap at 2^64; differences of unsigned numbers do not mind.) Each
/// index has one writer, which may therefore read it relaxed. Two happens-before edges carry the
/// rest:
///
///   - The producer builds item i, then stores tail = i + 1 (release). The consumer loads
///     tail > i (acquire), then reads item i. So no item is seen half built.
///   - The consumer moves item i out and destroys it, then stores head = i + 1 (release). The
///     producer loads head > i (acquire), then builds item i + capacity in the same slot. So no
///     item is overwritten unread.
///
/// An old value of the other side's index errs on the safe side: it shows less than there is.
template <typename T>
class RingBuffer {
    static_assert(std::is_same_v<T, std::remove_cvref_t<T>>, "items are values");
    static_assert(std::is_nothrow_destructible_v<T>, "an item's destructor must not throw");

public:
    explicit RingBuffer(std::size_t capacity)
        : mask_(round_up(capacity) - 1), short_burst_(std::min(kBurst, (mask_ + 1) / 4)) {
        slots_ = static_cast<T*>(
            ::operator new((mask_ + 1) * sizeof(T), std::align_val_t(kSlotAlignment)));
    }

    ~RingBuffer() {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        for (std::size_t i = consumer_.index.load(std::memory_order_relaxed); i != tail; ++i)
            std::destroy_at(slot(i));
        ::operator delete(slots_, std::align_val_t(kSlotAlignment));
    }

    RingBuffer(const RingBuffer&) = delete;
    RingBuffer& operator=(const RingBuffer&) = delete;

    template <typename... Args>
    [[nodiscard]] bool try_emplace(Args&&... args) {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        if (room(tail, 1) == 0) return false;
        // If this throws, nothing has been done yet; the same holds where an item moves out.
        std::construct_at(slot(tail), std::forward<Args>(args)...);
        producer_.index.store(tail + 1, std::memory_order_release);
        return true;
    }

    [[nodiscard]] bool try_push(const T& item) { return try_emplace(item); }
    [[nodiscard]] bool try_push(T&& item) { return try_emplace(std::move(item)); }

    void push(const T& item) {
        for (Wait wait; !try_push(item);)
            wait();
    }

    // A refused item is not moved from, so it can be offered again.
    void push(T&& item) {
        for (Wait wait; !try_push(std::move(item));)
            wait();
    }

    [[nodiscard]] std::size_t push_n(std::span<const T> items) {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        const std::size_t count = std::min(items.size(), room(tail, items.size()));
        const std::size_t straight = std::min(count, up_to_the_end(tail));  // the rest wraps around
        std::uninitialized_copy_n(items.data(), straight, slot(tail));
        try {
            std::uninitialized_copy_n(items.data() + straight, count - straight, slots_);
        } catch (...) {
            std::destroy_n(slot(tail), straight);
            throw;
        }
        producer_.index.store(tail + count, std::memory_order_release);
        return count;
    }

    [[nodiscard]] std::optional<T> try_pop() {
        // The one thing returned, so that it is built in the caller's place: moving it there
        // later could throw, and the item would be in neither place.
        std::optional<T> item;
        const std::size_t head = consumer_.index.load(std::memory_order_relaxed);
        if (items(head, 1) != 0) {
            item.emplace(std::move(*slot(head)));
            std::destroy_at(slot(head));
            consumer_.index.store(head + 1, std::memory_order_release);
        }
        return item;
    }

    [[nodiscard]] T pop() {
        const std::size_t head = consumer_.index.load(std::memory_order_relaxed);
        for (Wait wait; items(head, 1) == 0;)
            wait();
        T item(std::move(*slot(head)));
        std::destroy_at(slot(head));
        consumer_.index.store(head + 1, std::memory_order_release);
        return item;
    }

    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        const std::size_t head = consumer_.index.load(std::memory_order_relaxed);
        const std::size_t count = std::min(out.size(), items(head, out.size()));
        const std::size_t straight = std::min(count, up_to_the_end(head));
        std::size_t done = 0;
        try {
            for (T* item = slot(head); done < straight; ++done, ++item)
                hand_over(*item, out[done]);
            for (T* item = slots_; done < count; ++done, ++item)
                hand_over(*item, out[done]);
        } catch (...) {
            consumer_.index.store(head + done, std::memory_order_release);
            throw;
        }
        consumer_.index.store(head + count, std::memory_order_release);
        return count;
    }

    [[nodiscard]] std::size_t size() const {
        // Head first: a tail read later is never behind it, whatever happens in between. The tail
        // may have run on meanwhile, hence the bound.
        const std::size_t head = consumer_.index.load(std::memory_order_acquire);
        const std::size_t tail = producer_.index.load(std::memory_order_acquire);
        return std::min(tail - head, capacity());
    }

    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

private:
    // Two lines, not one: many processors fetch lines in pairs.
    static constexpr std::size_t kApart = 128;
    static constexpr std::size_t kSlotAlignment = std::max(alignof(T), kApart);

    // A hand-over of fewer items than this is a short one; see `look`. This and the numbers of
    // pauses were found by trial, on processors whose pause takes from 10 to 45 ns.
    static constexpr std::size_t kBurst = 128;
    static constexpr int kPausesWhenFull = 64;
    static constexpr int kPausesWhenEmpty = 16;

    // What one side writes. The other side reads `index` and nothing else, hence the second line.
    struct alignas(kApart) Side {
        std::atomic<std::size_t> index{0};          // items pushed, or popped, so far
        alignas(kApart / 2) std::size_t limit = 0;  // the other side's index at the last look
        std::size_t looked_at = 0;                  // its own index at the last look
    };

    static std::size_t round_up(std::size_t capacity) {
        if (capacity == 0) throw std::invalid_argument("RingBuffer: a capacity of 0 holds nothing");
        if (capacity > std::bit_floor(std::size_t{PTRDIFF_MAX} / sizeof(T)))
            throw std::length_error("RingBuffer: a capacity of " + std::to_string(capacity) +
                                    " is more than memory can hold");
        return std::bit_ceil(capacity);
    }

    T* slot(std::size_t index) const { return slots_ + (index & mask_); }
    std::size_t up_to_the_end(std::size_t index) const { return capacity() - (index & mask_); }

    // Free slots, for the producer. Exact if it is less than `wanted`.
    std::size_t room(std::size_t tail, std::size_t wanted) {
        if (producer_.limit + capacity() - tail < wanted)
            look(producer_, tail, consumer_, kPausesWhenFull);
        return producer_.limit + capacity() - tail;
    }

    // Items, for the consumer. Exact if it is less than `wanted`.
    std::size_t items(std::size_t head, std::size_t wanted) {
        if (consumer_.limit - head < wanted) look(consumer_, head, producer_, kPausesWhenEmpty);
        return consumer_.limit - head;
    }

    // Reads the other side's index. That costs a cache line's way there and back, the time of a
    // hundred pushes, and so does each slot that both sides have just been at. Whoever looks as
    // soon as one item has moved gets one item for that price, over and over. So after a short
    // hand-over the caller first keeps off the lines for a while, in which the other side moves on
    // by whole lines. The producer can take its time, since nobody waits for what goes into a full
    // buffer; the consumer pauses for no longer than a line travels anyway.
    //
    // The pause has a fixed length, so the caller stays wait-free. Where nothing at all has come
    // since the last look there is none: polling an idle buffer stays cheap.
    void look(Side& mine, std::size_t index, const Side& other, int pauses) {
        if (index - mine.looked_at - 1 < short_burst_)
            for (int i = 0; i < pauses; ++i)
                pause();
        mine.looked_at = index;
        mine.limit = other.index.load(std::memory_order_acquire);
    }

    static void hand_over(T& item, T& out) {
        out = std::move(item);
        std::destroy_at(&item);
    }

    // Takes 10 to 50 ns and leaves the memory system alone meanwhile.
    static void pause() {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#else
        std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
    }

    // What a waiting call does between two looks: at first nothing, since the answer is probably on
    // its way; then it pauses, which is kinder to a core that shares its units; and after some 50
    // us the other thread more likely has no processor, and gets this one.
    class Wait {
    public:
        void operator()() {
            ++turns_;
            if (turns_ > 8192)
                std::this_thread::yield();
            else if (turns_ > 1024)
                pause();
        }

    private:
        int turns_ = 0;
    };

    // Written by nobody after construction, so each core keeps its own copy of this line.
    const std::size_t mask_;
    const std::size_t short_burst_;
    T* slots_;
    Side producer_;
    Side consumer_;
};

}  // namespace cacheline
