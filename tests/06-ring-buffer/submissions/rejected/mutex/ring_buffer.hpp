// rejected: [progress] a deque behind a mutex: right, but whoever holds the lock can stop the other
// also: [bulk] [fifo]
#pragma once

#include <algorithm>
#include <bit>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

namespace cacheline {

template <typename T>
class RingBuffer {
public:
    explicit RingBuffer(std::size_t capacity) {
        if (capacity == 0) throw std::invalid_argument("capacity must be positive");
        if (capacity > std::bit_floor(SIZE_MAX / 2 / sizeof(T)))
            throw std::length_error("too large");
        capacity_ = std::bit_ceil(capacity);
    }

    template <typename... Args>
    [[nodiscard]] bool try_emplace(Args&&... args) {
        const std::lock_guard lock(mutex_);
        if (items_.size() == capacity_) return false;
        items_.emplace_back(std::forward<Args>(args)...);
        changed_.notify_one();
        return true;
    }
    [[nodiscard]] bool try_push(const T& item) { return try_emplace(item); }
    [[nodiscard]] bool try_push(T&& item) { return try_emplace(std::move(item)); }
    void push(const T& item) {
        await_room();
        static_cast<void>(try_push(item));
    }
    void push(T&& item) {
        await_room();
        static_cast<void>(try_push(std::move(item)));
    }
    [[nodiscard]] std::size_t push_n(std::span<const T> items) {
        const std::lock_guard lock(mutex_);
        const std::size_t count = std::min(items.size(), capacity_ - items_.size());
        const std::size_t before = items_.size();
        try {
            for (std::size_t i = 0; i < count; ++i)
                items_.push_back(items[i]);
        } catch (...) {
            while (items_.size() != before)
                items_.pop_back();
            throw;
        }
        changed_.notify_one();
        return count;
    }

    [[nodiscard]] std::optional<T> try_pop() {
        std::optional<T> item;
        const std::lock_guard lock(mutex_);
        if (!items_.empty()) {
            item.emplace(std::move(items_.front()));
            items_.pop_front();
            changed_.notify_one();
        }
        return item;
    }
    [[nodiscard]] T pop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !items_.empty(); });
        T item(std::move(items_.front()));
        items_.pop_front();
        changed_.notify_one();
        return item;
    }
    [[nodiscard]] std::size_t pop_n(std::span<T> out) {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (; count < out.size() && !items_.empty(); ++count) {
            out[count] = std::move(items_.front());
            items_.pop_front();
        }
        changed_.notify_one();
        return count;
    }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return items_.size();
    }
    [[nodiscard]] bool empty() const { return size() == 0; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }

private:
    void await_room() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return items_.size() < capacity_; });
    }

    mutable std::recursive_mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<T> items_;
    std::size_t capacity_ = 0;
};

}  // namespace cacheline
