// rejected: [store] one vector, as in the seed: every span dangles when it grows
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cacheline {

template <typename T>
class StableStore {
public:
    std::span<const T> append(std::span<const T> items) {
        const std::size_t start = data_.size();
        data_.insert(data_.end(), items.begin(), items.end());
        return views_.emplace_back(data_.data() + start, items.size());
    }

    std::span<const T> adopt(std::vector<T>&& items) {
        const std::size_t start = data_.size();
        for (T& item : items)
            data_.push_back(std::move(item));
        return views_.emplace_back(data_.data() + start, items.size());
    }

    std::span<const std::span<const T>> views() const { return views_; }
    std::size_t size() const { return data_.size(); }
    std::size_t memory_usage() const { return data_.capacity() * sizeof(T); }

    void clear() {
        data_.clear();
        views_.clear();
    }

    std::shared_ptr<const void> hold() const { return nullptr; }

private:
    std::vector<T> data_;
    std::vector<std::span<const T>> views_;
};

}  // namespace cacheline
