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
#include <type_traits>
#include <utility>

#include "side.hpp"
#include "waiting.hpp"

namespace cacheline {

/// A bounded first-in, first-out queue between one producer thread and one consumer thread.
///
/// Threads: one thread at a time may call the producer's functions (`try_push`, `try_emplace`,
/// `push`, `push_n`) and one the consumer's (`try_pop`, `pop`, `pop_n`); the two need no lock
/// between them. What the producer did before a push is visible to the consumer after the pop of
/// that item. `size`, `empty` and `capacity` may be called by any thread. Constructing and
/// destroying the buffer is for one thread alone.
///
/// Progress: the `try_` and `_n` functions are wait-free. They take no lock, allocate nothing and
/// end after a bounded number of the caller's own steps, however long the other thread is held up,
/// even inside an item's constructor. A call that moves no item writes nothing that the other side
/// reads, so polling takes no index away from it.
///
/// Memory: all of it is taken on construction. No cache line (64 bytes) of the object is written
/// by both threads, so that neither slows down the other for nothing.
///
/// T: its destructor must not throw. It need be neither copyable nor default-constructible, and may
/// have any alignment. No T exists in the buffer but the items in it.
///
/// The ring is Lamport's (Specifying Concurrent Program Modules, 1983); caching the other side's
/// index is the MCRingBuffer of Lee, Bu and Chandranmenon (2009); waiting for lines to pile up is
/// the temporal slipping of FastForward (Giacomoni, Moseley and Vachharajani, 2008).
//
// Why it is right. `tail` counts the pushes and `head` the pops; neither ever goes back, so
// head <= tail <= head + capacity, slot i & mask holds item i, and nothing has to be left empty to
// tell full from empty. (They may wrap; differences of unsigned numbers do not mind.) Each index
// has one writer, which may therefore read it relaxed. Two happens-before edges carry the rest:
//
//   - The producer builds item i, then stores tail = i + 1 (release). The consumer loads
//     tail > i (acquire), then reads item i. So no item is seen half built.
//   - The consumer moves item i out and destroys it, then stores head = i + 1 (release). The
//     producer loads head > i (acquire), then builds item i + capacity in the same slot. So no
//     item is overwritten unread.
//
// An old value of the other side's index errs on the safe side: it shows less than there is.
template <typename T>
class RingBuffer {
    static_assert(std::is_same_v<T, std::remove_cvref_t<T>>, "items are values");
    static_assert(std::is_nothrow_destructible_v<T>, "an item's destructor must not throw");

public:
    /// An empty buffer for as many items as the least power of two that is at least `capacity`.
    ///
    /// Throws std::invalid_argument if `capacity` is 0, std::length_error if that power of two does
    /// not exist or its items would take more than PTRDIFF_MAX bytes, std::bad_alloc if there is no
    /// memory.
    explicit RingBuffer(std::size_t capacity)
        : mask_(round_up(capacity) - 1),
          short_burst_(std::min(ring_detail::kBurst, (mask_ + 1) / 4)) {
        slots_ = static_cast<T*>(
            ::operator new((mask_ + 1) * sizeof(T), std::align_val_t(kSlotAlignment)));
    }

    /// Destroys the items that were pushed and not popped.
    ~RingBuffer() {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        for (std::size_t i = consumer_.index.load(std::memory_order_relaxed); i != tail; ++i)
            std::destroy_at(slot(i));
        ::operator delete(slots_, std::align_val_t(kSlotAlignment));
    }

    RingBuffer(const RingBuffer&) = delete;
    RingBuffer& operator=(const RingBuffer&) = delete;

    // ---- The producer's side -------------------------------------------------------------------

    /// Constructs an item from `args` behind the last one. Returns false, and leaves `args`
    /// untouched, if the buffer holds `capacity()` items. If the constructor throws, the exception
    /// comes through and the buffer is as it was.
    template <typename... Args>
    [[nodiscard]] bool try_emplace(Args&&... args) {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        if (free_slots(tail, 1) == 0) return false;
        emplace(tail, std::forward<Args>(args)...);
        return true;
    }

    /// The same with a copy of `item`.
    [[nodiscard]] bool try_push(const T& item) { return try_emplace(item); }

    /// The same, moved from `item`; a refused item is not moved from.
    [[nodiscard]] bool try_push(T&& item) { return try_emplace(std::move(item)); }

    /// Waits until there is room, then pushes. The wait spins; it may pause and yield, but does not
    /// sleep. If the item's constructor throws, the exception comes through and the buffer is as it
    /// was.
    void push(const T& item) { emplace(await_room(), item); }

    /// The same, moved from `item`.
    void push(T&& item) { emplace(await_room(), std::move(item)); }

    /// Copies the first of `items`, as many as there is room for, into the buffer, and returns how
    /// many. All of them become visible to the consumer at once: `size()` goes from what it was to
    /// the new value with nothing between. If a copy throws, the buffer is as it was.
    [[nodiscard]] std::size_t push_n(std::span<const T> items) {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        const std::size_t count = std::min(items.size(), free_slots(tail, items.size()));
        if (count == 0) return 0;  // storing even the same tail takes the line from the consumer
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

    // ---- The consumer's side -------------------------------------------------------------------

    /// Takes the oldest item out, or returns nothing if the buffer is empty. If the item's move
    /// constructor throws, the exception comes through and the item is still in the buffer.
    [[nodiscard]] std::optional<T> try_pop() {
        const std::size_t head = consumer_.index.load(std::memory_order_relaxed);
        if (ready_items(head, 1) == 0) return std::nullopt;
        Removal removal(*this, head);
        try {
            return std::optional<T>(std::in_place, std::move(*slot(head)));
        } catch (...) {
            removal.cancel();
            throw;
        }
    }

    /// Waits until there is an item, then takes it out. The wait spins; it may pause and yield, but
    /// does not sleep. If the item's move constructor throws, the exception comes through and the
    /// item is still in the buffer, as with `try_pop`.
    [[nodiscard]] T pop() {
        const std::size_t head = consumer_.index.load(std::memory_order_relaxed);
        for (ring_detail::Wait wait; ready_items(head, 1) == 0;)
            wait();
        Removal removal(*this, head);
        try {
            return T(std::move(*slot(head)));
        } catch (...) {
            removal.cancel();
            throw;
        }
    }

    /// Moves the oldest items, as many as there are and `out` has elements, onto the elements of
    /// `out`, and returns how many. Their slots become free all at once. If an assignment throws,
    /// the exception comes through; the items before that one are out, it and the rest are still in
    /// the buffer.
    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        const std::size_t head = consumer_.index.load(std::memory_order_relaxed);
        const std::size_t count = std::min(out.size(), ready_items(head, out.size()));
        const std::size_t straight = std::min(count, up_to_the_end(head));
        std::size_t done = 0;
        const auto free_what_is_done = [&] {
            if (done != 0) consumer_.index.store(head + done, std::memory_order_release);
        };
        try {
            for (T* item = slot(head); done < straight; ++done, ++item)
                hand_over(item, out[done]);
            for (T* item = slots_; done < count; ++done, ++item)
                hand_over(item, out[done]);
        } catch (...) {
            free_what_is_done();
            throw;
        }
        free_what_is_done();
        return done;
    }

    // ---- Any thread ----------------------------------------------------------------------------

    /// The number of items, from 0 to `capacity()`. If at most one side moves items during the
    /// call, as is always so on the producer's and on the consumer's thread, the result is the
    /// number at some moment of the call. If both do, a third thread gets a bound: at least the
    /// number at some moment of the call, and at most that number and all that was pushed during
    /// the call.
    //
    // The head is read first, so the tail is not behind it, and the difference is at least what was
    // in the buffer at any moment between the two looks. If the head stood still meanwhile, it is
    // the number at the second look; if the tail did, at the first. If both moved on, no more looks
    // would help: a buffer of 0 or 1 items can show them the very values that one of 5 or 6 shows.
    [[nodiscard]] std::size_t size() const {
        const std::size_t head = consumer_.index.load(std::memory_order_acquire);
        const std::size_t tail = producer_.index.load(std::memory_order_acquire);
        return std::min(tail - head, capacity());
    }

    /// Whether `size()` is 0. On any thread, true means that the buffer was empty at some moment of
    /// the call, and false that there was an item in it at some moment.
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// How many items the buffer holds when it is full. Never changes.
    [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

private:
    static constexpr std::size_t kSlotAlignment = std::max(alignof(T), ring_detail::kApart);

    // Destroys the oldest item and frees its slot when the function that has moved from it returns.
    // The result must exist by then: were the item moved once more after its slot is free, and that
    // move threw, it would be in neither place. `return item;` may move, the language says;
    // `return T(…);` may not, and a local object's destructor runs after it.
    class Removal {
    public:
        Removal(RingBuffer& ring, std::size_t head) : ring_(&ring), head_(head) {}
        ~Removal() {
            if (ring_ == nullptr) return;
            std::destroy_at(ring_->slot(head_));
            ring_->consumer_.index.store(head_ + 1, std::memory_order_release);
        }
        Removal(const Removal&) = delete;
        Removal& operator=(const Removal&) = delete;

        void cancel() { ring_ = nullptr; }

    private:
        RingBuffer* ring_;
        const std::size_t head_;
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

    // How many slots are free, for the producer. Exact if it is less than `wanted`.
    std::size_t free_slots(std::size_t tail, std::size_t wanted,
                           int pauses = ring_detail::kShortPause) {
        if (producer_.limit + capacity() - tail < wanted)
            producer_.look(consumer_, tail, short_burst_, pauses);
        return producer_.limit + capacity() - tail;
    }

    // How many items are ready, for the consumer. Exact if it is less than `wanted`.
    std::size_t ready_items(std::size_t head, std::size_t wanted) {
        if (consumer_.limit - head < wanted)
            consumer_.look(producer_, head, short_burst_, ring_detail::kShortPause);
        return consumer_.limit - head;
    }

    // A producer that waits can take its time, since nobody waits for what goes into a full buffer.
    std::size_t await_room() {
        const std::size_t tail = producer_.index.load(std::memory_order_relaxed);
        for (ring_detail::Wait wait; free_slots(tail, 1, ring_detail::kLongPause) == 0;)
            wait();
        return tail;
    }

    template <typename... Args>
    void emplace(std::size_t tail, Args&&... args) {
        // If this throws, the index has not moved, and nothing has happened yet.
        std::construct_at(slot(tail), std::forward<Args>(args)...);
        producer_.index.store(tail + 1, std::memory_order_release);
    }

    static void hand_over(T* item, T& out) {
        out = std::move(*item);
        std::destroy_at(item);
    }

    // Written by nobody after construction, so each core keeps its own copy of this line.
    const std::size_t mask_;
    const std::size_t short_burst_;
    T* slots_;
    ring_detail::Side producer_;
    ring_detail::Side consumer_;
};

}  // namespace cacheline
