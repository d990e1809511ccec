// accepted: a shared_ptr to the shelf, a lock always, and fill by reserve and emplace_back
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <pool_types.hpp>
#include <stdexcept>
#include <utility>
#include <vector>

namespace cacheline {

template <typename T>
struct VectorShelf {
    std::mutex mutex;
    std::vector<std::vector<T>> vectors;
    std::size_t capacity;
    std::size_t most;
};

template <typename T>
class PooledVector {
public:
    explicit PooledVector(std::shared_ptr<VectorShelf<T>> shelf) : shelf_(std::move(shelf)) {
        {
            const std::lock_guard lock(shelf_->mutex);
            if (!shelf_->vectors.empty()) {
                vector_ = std::move(shelf_->vectors.back());
                shelf_->vectors.pop_back();
                return;
            }
        }
        if (shelf_->capacity > vector_.max_size()) throw std::bad_alloc();
        vector_.reserve(shelf_->capacity);
    }

    PooledVector(PooledVector&& other) noexcept { swap(other); }
    PooledVector& operator=(PooledVector&& other) noexcept {
        PooledVector taken(std::move(other));
        swap(taken);
        return *this;
    }

    ~PooledVector() {
        if (!shelf_) return;
        vector_.clear();
        const std::lock_guard lock(shelf_->mutex);
        if (shelf_->vectors.size() < shelf_->most) shelf_->vectors.push_back(std::move(vector_));
    }

    [[nodiscard]] std::vector<T>& operator*() { return vector_; }
    [[nodiscard]] const std::vector<T>& operator*() const { return vector_; }
    [[nodiscard]] std::vector<T>* operator->() { return &vector_; }
    [[nodiscard]] const std::vector<T>* operator->() const { return &vector_; }

    template <typename F>
    void fill(std::size_t count, F f) {
        vector_.clear();
        vector_.reserve(count);
        for (std::size_t i = 0; i < count; ++i)
            vector_.emplace_back(f(i));
    }

private:
    void swap(PooledVector& other) noexcept {
        vector_.swap(other.vector_);
        shelf_.swap(other.shelf_);
    }

    std::vector<T> vector_;
    std::shared_ptr<VectorShelf<T>> shelf_;
};

template <typename T>
class VectorPool {
public:
    explicit VectorPool(std::size_t capacity, std::size_t max_pooled = 10,
                        Strategy strategy = Strategy::unsynchronized)
        : shelf_(std::make_shared<VectorShelf<T>>()) {
        if (strategy == Strategy::thread_cached)
            throw std::invalid_argument("vectors are not cached by thread");
        shelf_->capacity = capacity;
        shelf_->most = max_pooled;
    }

    ~VectorPool() {
        const std::lock_guard lock(shelf_->mutex);
        shelf_->most = 0;
        shelf_->vectors.clear();
    }

    VectorPool(const VectorPool&) = delete;
    VectorPool& operator=(const VectorPool&) = delete;

    [[nodiscard]] PooledVector<T> acquire() { return PooledVector<T>(shelf_); }
    [[nodiscard]] std::size_t pooled() const {
        const std::lock_guard lock(shelf_->mutex);
        return shelf_->vectors.size();
    }

private:
    std::shared_ptr<VectorShelf<T>> shelf_;
};

}  // namespace cacheline
