// accepted: a list of vectors that never grow beyond what was reserved, no raw memory
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cacheline {

template <typename T>
class StableStore {
public:
    StableStore() = default;
    StableStore(StableStore&& other) noexcept { *this = std::move(other); }
    StableStore& operator=(StableStore&& other) noexcept {
        chunks_ = std::exchange(other.chunks_, nullptr);
        views_ = std::exchange(other.views_, {});
        size_ = std::exchange(other.size_, 0);
        return *this;
    }

    std::span<const T> append(std::span<const T> items) {
        if (!chunks_) chunks_ = std::make_shared<std::list<std::vector<T>>>();
        std::list<std::vector<T>> opened;  // not the store's before it is filled
        const bool fits = !chunks_->empty() &&
                          chunks_->back().capacity() - chunks_->back().size() >= items.size();
        if (!fits) opened.emplace_back().reserve(std::max({items.size(), size_, 4096 / sizeof(T)}));
        std::vector<T>& chunk = fits ? chunks_->back() : opened.back();
        const std::size_t before = chunk.size();
        views_.emplace_back();
        try {
            chunk.insert(chunk.end(), items.begin(), items.end());
        } catch (...) {
            // insert at the end of a vector with room leaves it as it was or with some of the items
            while (chunk.size() > before)
                chunk.pop_back();
            views_.pop_back();
            throw;
        }
        chunks_->splice(chunks_->end(), opened);
        size_ += items.size();
        return views_.back() = std::span<const T>(chunk).subspan(before);
    }

    std::span<const T> adopt(std::vector<T>&& items) {
        if (!chunks_) chunks_ = std::make_shared<std::list<std::vector<T>>>();
        views_.reserve(views_.size() + 1);
        chunks_->push_front(std::move(items));
        views_.emplace_back(chunks_->front());
        size_ += chunks_->front().size();
        return views_.back();
    }

    std::span<const std::span<const T>> views() const { return views_; }
    std::size_t size() const { return size_; }

    std::size_t memory_usage() const {
        std::size_t elements = 0;
        if (chunks_)
            for (const auto& chunk : *chunks_)
                elements += chunk.capacity();
        return elements * sizeof(T);
    }

    void clear() { *this = StableStore(); }
    std::shared_ptr<const void> hold() const { return chunks_; }

private:
    // The open chunk is the list's last; adopted vectors go to the front.
    std::shared_ptr<std::list<std::vector<T>>> chunks_;
    std::vector<std::span<const T>> views_;
    std::size_t size_ = 0;
};

}  // namespace cacheline
