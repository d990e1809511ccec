// accepted: indices that run from 0 to twice the capacity and start again, so that full and empty differ
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

namespace cacheline {

template <typename T>
class RingBuffer {
public:
    explicit RingBuffer(std::size_t capacity) : capacity_(round_up(capacity)) {
        slots_ = std::allocator<T>().allocate(capacity_);
    }
    ~RingBuffer() {
        while (size() != 0) {
            std::destroy_at(at(head_));
            head_ = next(head_);
        }
        std::allocator<T>().deallocate(slots_, capacity_);
    }
    RingBuffer(const RingBuffer&) = delete;
    RingBuffer& operator=(const RingBuffer&) = delete;

    template <typename... Args>
    [[nodiscard]] bool try_emplace(Args&&... args) {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (distance(head_.load(std::memory_order_acquire), tail) == capacity_) return false;
        std::construct_at(at(tail), std::forward<Args>(args)...);
        tail_.store(next(tail), std::memory_order_release);
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
        const std::size_t begin = tail_.load(std::memory_order_relaxed);
        std::size_t tail = begin;
        std::size_t room = capacity_ - distance(head_.load(std::memory_order_acquire), tail);
        std::size_t count = 0;
        try {
            for (; room-- > 0 && count < items.size(); ++count) {
                std::construct_at(at(tail), items[count]);
                tail = next(tail);
            }
        } catch (...) {
            for (std::size_t i = begin; i != tail; i = next(i))
                std::destroy_at(at(i));
            throw;
        }
        if (count != 0) tail_.store(tail, std::memory_order_release);
        return count;
    }

    [[nodiscard]] std::optional<T> try_pop() {
        std::optional<T> item;
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head != tail_.load(std::memory_order_acquire)) {
            item.emplace(std::move(*at(head)));
            std::destroy_at(at(head));
            head_.store(next(head), std::memory_order_release);
        }
        return item;
    }
    [[nodiscard]] T pop() {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        while (head == tail_.load(std::memory_order_acquire))
            std::this_thread::yield();
        T item(std::move(*at(head)));
        std::destroy_at(at(head));
        head_.store(next(head), std::memory_order_release);
        return item;
    }

    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        std::size_t head = head_.load(std::memory_order_relaxed);
        const std::size_t tail = tail_.load(std::memory_order_acquire);
        std::size_t count = 0;
        const auto publish = [&](std::size_t* end) {
            if (count != 0) head_.store(*end, std::memory_order_release);
        };
        const std::unique_ptr<std::size_t, decltype(publish)> at_exit(&head, publish);
        for (; head != tail && count < out.size(); ++count) {
            out[count] = std::move(*at(head));
            std::destroy_at(at(head));
            head = next(head);
        }
        return count;
    }

    [[nodiscard]] std::size_t size() const {
        // After a lap the difference would be too small, so both have to be of one moment.
        std::size_t head = head_.load(std::memory_order_acquire);
        for (;;) {
            const std::size_t tail = tail_.load(std::memory_order_acquire);
            const std::size_t again = head_.load(std::memory_order_acquire);
            if (again == head) return distance(head, tail);
            head = again;
        }
    }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

private:
    static std::size_t round_up(std::size_t capacity) {
        if (capacity == 0) throw std::invalid_argument("RingBuffer(0)");
        std::size_t power = 1;
        while (power < capacity) {
            power *= 2;
            if (power > static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(T))
                throw std::length_error("RingBuffer: too large");
        }
        return power;
    }

    T* at(std::size_t index) const {
        return slots_ + (index < capacity_ ? index : index - capacity_);
    }
    std::size_t next(std::size_t index) const { return index + 1 == 2 * capacity_ ? 0 : index + 1; }
    std::size_t distance(std::size_t head, std::size_t tail) const {
        return tail >= head ? tail - head : tail + 2 * capacity_ - head;
    }

    const std::size_t capacity_;
    T* slots_;
    char apart_[64];  // by hand instead of alignas
    std::atomic<std::size_t> head_{0};
    char further_[64];
    std::atomic<std::size_t> tail_{0};
};

}  // namespace cacheline
