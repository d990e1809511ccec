// accepted: rung 1 of the ladder: optional slots, a remainder, sequential consistency everywhere
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace cacheline {

template <typename T>
class RingBuffer {
public:
    explicit RingBuffer(std::size_t capacity) : slots_(checked(capacity)) {}

    template <typename... Args>
    [[nodiscard]] bool try_emplace(Args&&... args) {
        if (tail_ - head_ == capacity()) return false;
        slots_[tail_ % capacity()].emplace(std::forward<Args>(args)...);
        ++tail_;
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
        const std::size_t tail = tail_;
        const std::size_t count = std::min(items.size(), capacity() - (tail - head_));
        std::size_t done = 0;
        try {
            for (; done < count; ++done)
                slots_[(tail + done) % capacity()].emplace(items[done]);
        } catch (...) {
            while (done-- > 0)
                slots_[(tail + done) % capacity()].reset();
            throw;
        }
        if (count != 0) tail_ = tail + count;
        return count;
    }

    [[nodiscard]] std::optional<T> try_pop() {
        std::optional<T> item;
        if (head_ != tail_) {
            std::optional<T>& slot = slots_[head_ % capacity()];
            item.emplace(std::move(*slot));
            slot.reset();
            ++head_;
        }
        return item;
    }
    [[nodiscard]] T pop() {
        while (empty())
            std::this_thread::yield();
        std::optional<T>& slot = slots_[head_ % capacity()];
        T item(std::move(*slot));
        slot.reset();
        ++head_;
        return item;
    }

    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        const std::size_t head = head_;
        const std::size_t count = std::min(out.size(), tail_ - head);
        std::size_t done = 0;
        try {
            for (; done < count; ++done) {
                out[done] = std::move(*slots_[(head + done) % capacity()]);
                slots_[(head + done) % capacity()].reset();
            }
        } catch (...) {
            if (done != 0) head_ = head + done;
            throw;
        }
        if (count != 0) head_ = head + count;
        return count;
    }

    [[nodiscard]] std::size_t size() const {
        const std::size_t head = head_;
        return std::min(tail_ - head, capacity());
    }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const { return slots_.size(); }

private:
    static std::size_t checked(std::size_t capacity) {
        if (capacity == 0) throw std::invalid_argument("capacity 0");
        if (capacity > SIZE_MAX / 4 / sizeof(std::optional<T>))
            throw std::length_error("too large");
        return std::bit_ceil(capacity);
    }

    std::vector<std::optional<T>> slots_;
    alignas(64) std::atomic<std::size_t> tail_{0};
    alignas(64) std::atomic<std::size_t> head_{0};
};

}  // namespace cacheline
