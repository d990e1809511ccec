// rejected: [stealing] a thief takes the newest item, the smallest piece
// also: [nested]
#pragma once

#include <deque>
#include <mutex>
#include <optional>

namespace cacheline {

template <typename T, std::size_t Capacity = 128>
class WorkStealingDeque {
public:
    bool try_push(const T& item) {
        const std::lock_guard lock(mutex_);
        items_.push_back(item);
        return true;
    }

    std::optional<T> try_pop() {
        const std::lock_guard lock(mutex_);
        if (items_.empty()) return {};
        const T item = items_.back();
        items_.pop_back();
        return item;
    }

    template <typename Accept>
    std::optional<T> try_steal(Accept accept) {
        const std::lock_guard lock(mutex_);
        if (items_.empty() || !accept(items_.back())) return {};
        const T item = items_.back();
        items_.pop_back();
        return item;
    }

    std::optional<T> try_steal() {
        return try_steal([](const T&) { return true; });
    }

private:
    std::mutex mutex_;
    std::deque<T> items_;
};

}  // namespace cacheline
