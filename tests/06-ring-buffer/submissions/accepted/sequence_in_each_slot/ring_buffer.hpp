// accepted: each slot says which item it holds, so neither side reads the other's index
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

namespace cacheline {

// The producer may write item i where the turn is 2 i, and then sets it to 2 i + 1; the consumer
// may read item i where the turn is 2 i + 1, and then sets it to 2 (i + capacity).
template <typename T>
class RingBuffer {
public:
    explicit RingBuffer(std::size_t capacity)
        : capacity_(checked(capacity)), slots_(std::make_unique<Slot[]>(capacity_)) {
        for (std::size_t i = 0; i < capacity_; ++i)
            slots_[i].turn.store(2 * i, std::memory_order_relaxed);
    }
    ~RingBuffer() {
        for (std::size_t i = head_.load(); i != tail_.load(); ++i)
            std::destroy_at(slot(i).item());
    }
    RingBuffer(const RingBuffer&) = delete;
    RingBuffer& operator=(const RingBuffer&) = delete;

    template <typename... Args>
    [[nodiscard]] bool try_emplace(Args&&... args) {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        Slot& here = slot(tail);
        if (here.turn.load(std::memory_order_acquire) != 2 * tail) return false;
        std::construct_at(here.item(), std::forward<Args>(args)...);
        tail_.store(tail + 1, std::memory_order_release);
        here.turn.store(2 * tail + 1, std::memory_order_release);
        return true;
    }
    [[nodiscard]] bool try_push(const T& item) { return try_emplace(item); }
    [[nodiscard]] bool try_push(T&& item) { return try_emplace(std::move(item)); }
    void push(const T& item) {
        while (!try_push(item))
            std::this_thread::yield();
    }
    void push(T&& item) {
        while (!try_push(std::move(item)))
            std::this_thread::yield();
    }

    [[nodiscard]] std::size_t push_n(std::span<const T> items) {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        std::size_t built = 0;
        try {
            for (; built < items.size(); ++built) {
                Slot& here = slot(tail + built);
                if (here.turn.load(std::memory_order_acquire) != 2 * (tail + built)) break;
                std::construct_at(here.item(), items[built]);
            }
        } catch (...) {
            while (built-- > 0)
                std::destroy_at(slot(tail + built).item());
            throw;
        }
        tail_.store(tail + built, std::memory_order_release);
        // From the last to the first: the consumer sees nothing before it sees the first.
        for (std::size_t i = built; i-- > 0;)
            slot(tail + i).turn.store(2 * (tail + i) + 1, std::memory_order_release);
        return built;
    }

    [[nodiscard]] std::optional<T> try_pop() {
        std::optional<T> item;
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (ready(head)) {
            item.emplace(std::move(*slot(head).item()));
            retire(head);
        }
        return item;
    }
    [[nodiscard]] T pop() {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        while (!ready(head))
            std::this_thread::yield();
        T item(std::move(*slot(head).item()));
        retire(head);
        return item;
    }

    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        std::size_t done = 0;
        const auto give_back = [&] {
            head_.store(head + done, std::memory_order_release);
            for (std::size_t i = done; i-- > 0;)
                slot(head + i).turn.store(2 * (head + i + capacity_), std::memory_order_release);
        };
        try {
            for (; done < out.size() && ready(head + done); ++done) {
                out[done] = std::move(*slot(head + done).item());
                std::destroy_at(slot(head + done).item());
            }
        } catch (...) {
            give_back();
            throw;
        }
        give_back();
        return done;
    }

    [[nodiscard]] std::size_t size() const {
        const std::size_t head = head_.load(std::memory_order_acquire);
        return std::min(tail_.load(std::memory_order_acquire) - head, capacity_);
    }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

private:
    struct Slot {
        std::atomic<std::size_t> turn;
        alignas(T) std::byte bytes[sizeof(T)];
        T* item() { return reinterpret_cast<T*>(bytes); }
    };

    static std::size_t checked(std::size_t capacity) {
        if (capacity == 0) throw std::invalid_argument("a capacity of 0");
        if (capacity > std::bit_floor(SIZE_MAX / 2 / sizeof(Slot)))
            throw std::length_error("too large a capacity");
        return std::bit_ceil(capacity);
    }

    Slot& slot(std::size_t index) { return slots_[index & (capacity_ - 1)]; }

    bool ready(std::size_t index) {
        return slot(index).turn.load(std::memory_order_acquire) == 2 * index + 1;
    }

    void retire(std::size_t head) {
        std::destroy_at(slot(head).item());
        head_.store(head + 1, std::memory_order_release);
        slot(head).turn.store(2 * (head + capacity_), std::memory_order_release);
    }

    const std::size_t capacity_;
    const std::unique_ptr<Slot[]> slots_;
    alignas(64) std::atomic<std::size_t> tail_{0};
    alignas(64) std::atomic<std::size_t> head_{0};
};

}  // namespace cacheline
