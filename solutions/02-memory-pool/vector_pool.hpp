#pragma once

#include <cstddef>
#include <iterator>
#include <mutex>
#include <new>
#include <pool_types.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace cacheline {

namespace detail {

/// Where vectors wait. The pool and every guard that is out are its users; the last one to go
/// deletes it, which is why a guard may outlive the pool.
template <typename T>
class Shelf {
public:
    Shelf(std::size_t capacity, std::size_t max_pooled, bool locked)
        : capacity_(capacity), max_pooled_(max_pooled), locked_(locked) {}

    [[nodiscard]] std::vector<T> take() {
        {
            const auto lock = lock_if_shared();
            if (!vectors_.empty()) {
                std::vector<T> vector = std::move(vectors_.back());
                vectors_.pop_back();
                ++users_;
                return vector;
            }
        }
        std::vector<T> vector;
        vector.reserve(capacity_);  // may throw, so it comes before the guard is counted
        const auto lock = lock_if_shared();
        ++users_;
        return vector;
    }

    void give_back(std::vector<T>&& vector) noexcept {
        vector.clear();  // runs T's destructors: outside the lock, they may use the pool
        bool last = false;
        {
            const auto lock = lock_if_shared();
            if (open_ && vectors_.size() < max_pooled_) {
                try {
                    vectors_.push_back(std::move(vector));
                } catch (const std::bad_alloc&) {
                    // Then this one is not kept.
                }
            }
            last = --users_ == 0;
        }
        if (last) delete this;
    }

    void close() noexcept {
        bool last = false;
        std::vector<std::vector<T>> doomed;
        {
            const auto lock = lock_if_shared();
            open_ = false;
            doomed.swap(vectors_);
            last = --users_ == 0;
        }
        if (last) delete this;
    }

    [[nodiscard]] std::size_t pooled() const {
        const auto lock = lock_if_shared();
        return vectors_.size();
    }

private:
    [[nodiscard]] std::unique_lock<std::mutex> lock_if_shared() const {
        return locked_ ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
    }

    mutable std::mutex mutex_;
    std::vector<std::vector<T>> vectors_;
    std::size_t users_ = 1;  // the pool
    std::size_t capacity_;
    std::size_t max_pooled_;
    bool locked_;
    bool open_ = true;
};

/// f(0), f(1), … as an iterator range, which std::vector can measure first and then copy in one
/// loop without a look at its capacity for each element: a loop that compilers vectorize. (The
/// iterators of a C++20 transform view count as input iterators here and would be pushed back one
/// by one.)
template <typename F>
class Generator {
public:
    using iterator_category = std::forward_iterator_tag;
    using reference = std::invoke_result_t<F&, std::size_t>;
    using value_type = std::remove_cvref_t<reference>;
    using difference_type = std::ptrdiff_t;
    using pointer = void;

    Generator(F& f, std::size_t i) noexcept : f_(&f), i_(i) {}
    reference operator*() const { return (*f_)(i_); }
    Generator& operator++() noexcept {
        ++i_;
        return *this;
    }
    bool operator==(const Generator& other) const noexcept { return i_ == other.i_; }

private:
    F* f_;
    std::size_t i_;
};

}  // namespace detail

template <typename T>
class VectorPool;

/// A vector on loan: goes back to its pool when this guard ends.
template <typename T>
class PooledVector {
public:
    PooledVector(PooledVector&& other) noexcept
        : vector_(std::move(other.vector_)), shelf_(std::exchange(other.shelf_, nullptr)) {
        other.vector_.clear();
    }

    PooledVector& operator=(PooledVector&& other) noexcept {
        if (this != &other) {
            hand_back();
            vector_ = std::move(other.vector_);
            other.vector_.clear();
            shelf_ = std::exchange(other.shelf_, nullptr);
        }
        return *this;
    }

    PooledVector(const PooledVector&) = delete;
    PooledVector& operator=(const PooledVector&) = delete;
    ~PooledVector() { hand_back(); }

    [[nodiscard]] std::vector<T>& operator*() noexcept { return vector_; }
    [[nodiscard]] const std::vector<T>& operator*() const noexcept { return vector_; }
    [[nodiscard]] std::vector<T>* operator->() noexcept { return &vector_; }
    [[nodiscard]] const std::vector<T>* operator->() const noexcept { return &vector_; }

    template <typename F>
    void fill(std::size_t count, F f) {
        vector_.clear();
        vector_.assign(detail::Generator<F>(f, 0), detail::Generator<F>(f, count));
    }

private:
    friend class VectorPool<T>;
    explicit PooledVector(detail::Shelf<T>* shelf) : vector_(shelf->take()), shelf_(shelf) {}

    void hand_back() noexcept {
        if (shelf_ != nullptr) std::exchange(shelf_, nullptr)->give_back(std::move(vector_));
    }

    std::vector<T> vector_;
    detail::Shelf<T>* shelf_;
};

template <typename T>
class VectorPool {
public:
    explicit VectorPool(std::size_t capacity, std::size_t max_pooled = 10,
                        Strategy strategy = Strategy::unsynchronized)
        : shelf_(make(capacity, max_pooled, strategy)) {}

    ~VectorPool() { shelf_->close(); }
    VectorPool(const VectorPool&) = delete;
    VectorPool& operator=(const VectorPool&) = delete;

    [[nodiscard]] PooledVector<T> acquire() { return PooledVector<T>(shelf_); }
    [[nodiscard]] std::size_t pooled() const { return shelf_->pooled(); }

private:
    static detail::Shelf<T>* make(std::size_t capacity, std::size_t max_pooled, Strategy strategy) {
        if (strategy == Strategy::thread_cached)
            throw std::invalid_argument("VectorPool: thread_cached is for PoolResource");
        return new detail::Shelf<T>(capacity, max_pooled, strategy == Strategy::locked);
    }

    detail::Shelf<T>* shelf_;
};

}  // namespace cacheline
