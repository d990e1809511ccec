#pragma once

#include <cstddef>
#include <memory>
#include <pool_types.hpp>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "generator.hpp"
#include "shelf.hpp"

namespace cacheline {

template <typename T>
class VectorPool;

/// A vector on loan from a VectorPool: goes back when this guard ends, also if the pool has ended
/// before it (then the vector is simply destroyed). Move-only: a vector has one borrower.
///
/// A guard that was moved from holds an empty vector of its own and belongs to no pool. Assigning
/// to a guard first gives back what it holds; a guard assigned to itself keeps it.
template <typename T>
class PooledVector {
public:
    PooledVector(PooledVector&& other) noexcept : loan_(std::exchange(other.loan_, {})) {}

    PooledVector& operator=(PooledVector&& other) noexcept {
        if (this != &other) {
            hand_back();
            loan_ = std::exchange(other.loan_, {});
        }
        return *this;
    }

    PooledVector(const PooledVector&) = delete;
    PooledVector& operator=(const PooledVector&) = delete;
    ~PooledVector() { hand_back(); }

    [[nodiscard]] std::vector<T>& operator*() noexcept { return loan_.vector; }
    [[nodiscard]] const std::vector<T>& operator*() const noexcept { return loan_.vector; }
    [[nodiscard]] std::vector<T>* operator->() noexcept { return &loan_.vector; }
    [[nodiscard]] const std::vector<T>* operator->() const noexcept { return &loan_.vector; }

    /// Replaces the contents by f(0), f(1), …, f(count - 1), called once each and in this order.
    /// push_back looks at the capacity for each element, so its loop can't be vectorized; this
    /// knows the length beforehand. Works for every type whose vector can grow: it need not have a
    /// default constructor, nor an assignment (think of a const member). If f throws, the vector
    /// holds some valid contents. Allocates only if count is above the vector's capacity.
    template <typename F>
    void fill(std::size_t count, F f) {
        std::vector<T>& vector = loan_.vector;
        vector.clear();
        if constexpr (std::is_assignable_v<T&, std::invoke_result_t<F&, std::size_t>>) {
            vector.assign(pool_detail::Generator<F>(f, 0), pool_detail::Generator<F>(f, count));
        } else {
            // vector::assign asks for an assignment even where it has nothing to assign to.
            vector.reserve(count);
            for (std::size_t i = 0; i < count; ++i)
                vector.emplace_back(f(i));
        }
    }

private:
    friend class VectorPool<T>;
    explicit PooledVector(pool_detail::Loan<T>&& loan) noexcept : loan_(std::move(loan)) {}

    void hand_back() noexcept {
        if (loan_.shelf == nullptr) return;
        pool_detail::Shelf<T>& shelf = *loan_.shelf;
        shelf.give_back(std::move(loan_));
    }

    pool_detail::Loan<T> loan_;
};

/// Keeps vectors that were used, for their capacity.
///
/// A locked pool may be used by any threads, and so may its guards, each by one at a time.
template <typename T>
class VectorPool {
public:
    /// @param capacity   what a new vector reserves, in elements
    /// @param max_pooled most vectors to keep; one that comes back beyond that is destroyed
    /// @param strategy   unsynchronized or locked
    /// @throws std::invalid_argument for thread_cached, which is not offered here
    explicit VectorPool(std::size_t capacity, std::size_t max_pooled = 10,
                        Strategy strategy = Strategy::unsynchronized) {
        if (strategy == Strategy::thread_cached)
            throw std::invalid_argument("VectorPool: thread_cached is for PoolResource");
        shelf_ = std::make_shared<pool_detail::Shelf<T>>(capacity, max_pooled,
                                                         strategy == Strategy::locked);
    }

    /// Destroys the vectors that wait. Guards that are out stay usable.
    ~VectorPool() { shelf_->close(); }

    VectorPool(const VectorPool&) = delete;
    VectorPool& operator=(const VectorPool&) = delete;

    /// An empty vector: one that came back, with the capacity that it grew to, or a new one. Its
    /// old elements were destroyed when it came back.
    /// @throws std::bad_alloc if there is no memory for a new one; also where its capacity would be
    ///         more than any vector can have
    [[nodiscard]] PooledVector<T> acquire() { return PooledVector<T>(shelf_->take(shelf_)); }

    /// How many vectors wait to be used again.
    [[nodiscard]] std::size_t pooled() const { return shelf_->pooled(); }

private:
    std::shared_ptr<pool_detail::Shelf<T>> shelf_;
};

}  // namespace cacheline
