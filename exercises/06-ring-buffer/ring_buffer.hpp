#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <optional>
#include <span>

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
template <typename T>
class RingBuffer {
public:
    /// An empty buffer for as many items as the least power of two that is at least `capacity`.
    ///
    /// Throws std::invalid_argument if `capacity` is 0, std::length_error if that power of two does
    /// not exist or its items would take more than PTRDIFF_MAX bytes, std::bad_alloc if there is no
    /// memory.
    explicit RingBuffer(std::size_t capacity) {
        static_cast<void>(capacity);
        todo("RingBuffer::RingBuffer");
    }

    /// Destroys the items that were pushed and not popped.
    ~RingBuffer() = default;  // yours to write, as soon as there is something to destroy

    RingBuffer(const RingBuffer&) = delete;
    RingBuffer& operator=(const RingBuffer&) = delete;

    // ---- The producer's side -------------------------------------------------------------------

    /// Constructs an item from `args` behind the last one. Returns false, and leaves `args`
    /// untouched, if the buffer holds `capacity()` items. If the constructor throws, the exception
    /// comes through and the buffer is as it was.
    template <typename... Args>
    [[nodiscard]] bool try_emplace([[maybe_unused]] Args&&... args) {
        todo("RingBuffer::try_emplace");
    }

    /// The same with a copy of `item`.
    [[nodiscard]] bool try_push(const T& item) {
        static_cast<void>(item);
        todo("RingBuffer::try_push");
    }

    /// The same, moved from `item`; a refused item is not moved from.
    [[nodiscard]] bool try_push(T&& item) {
        static_cast<void>(item);
        todo("RingBuffer::try_push");
    }

    /// Waits until there is room, then pushes. The wait spins; it may pause and yield, but does not
    /// sleep. If the item's constructor throws, the exception comes through and the buffer is as it
    /// was.
    void push(const T& item) {
        static_cast<void>(item);
        todo("RingBuffer::push");
    }

    /// The same, moved from `item`.
    void push(T&& item) {
        static_cast<void>(item);
        todo("RingBuffer::push");
    }

    /// Copies the first of `items`, as many as there is room for, into the buffer, and returns how
    /// many. All of them become visible to the consumer at once: `size()` goes from what it was to
    /// the new value with nothing between. If a copy throws, the buffer is as it was.
    [[nodiscard]] std::size_t push_n(std::span<const T> items) {
        static_cast<void>(items);
        todo("RingBuffer::push_n");
    }

    // ---- The consumer's side -------------------------------------------------------------------

    /// Takes the oldest item out, or returns nothing if the buffer is empty. If the item's move
    /// constructor throws, the exception comes through and the item is still in the buffer.
    [[nodiscard]] std::optional<T> try_pop() { todo("RingBuffer::try_pop"); }

    /// Waits until there is an item, then takes it out. The wait spins; it may pause and yield, but
    /// does not sleep. If the item's move constructor throws, the exception comes through and the
    /// item is still in the buffer, as with `try_pop`.
    [[nodiscard]] T pop() { todo("RingBuffer::pop"); }

    /// Moves the oldest items, as many as there are and `out` has elements, onto the elements of
    /// `out`, and returns how many. Their slots become free all at once. If an assignment throws,
    /// the exception comes through; the items before that one are out, it and the rest are still in
    /// the buffer.
    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        static_cast<void>(out);
        todo("RingBuffer::pop_n");
    }

    // ---- Any thread ----------------------------------------------------------------------------

    /// The number of items, from 0 to `capacity()`. If at most one side moves items during the
    /// call, as is always so on the producer's and on the consumer's thread, the result is the
    /// number at some moment of the call. If both do, a third thread gets a bound: at least the
    /// number at some moment of the call, and at most that number and all that was pushed during
    /// the call.
    [[nodiscard]] std::size_t size() const { todo("RingBuffer::size"); }

    /// Whether `size()` is 0. On any thread, true means that the buffer was empty at some moment of
    /// the call, and false that there was an item in it at some moment.
    [[nodiscard]] bool empty() const { todo("RingBuffer::empty"); }

    /// How many items the buffer holds when it is full. Never changes.
    [[nodiscard]] std::size_t capacity() const { todo("RingBuffer::capacity"); }

private:
    // Yours: the slots, the two indices and whatever makes them fast. Keep what the producer writes
    // and what the consumer writes on different cache lines.
};

}  // namespace cacheline
