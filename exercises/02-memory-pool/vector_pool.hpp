#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <pool_types.hpp>
#include <utility>
#include <vector>

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
    // Yours to write, like the destructor: a todo in them would end the program.
    PooledVector(PooledVector&& other) noexcept = default;
    PooledVector& operator=(PooledVector&& other) noexcept = default;
    PooledVector(const PooledVector&) = delete;
    PooledVector& operator=(const PooledVector&) = delete;
    ~PooledVector() = default;

    [[nodiscard]] std::vector<T>& operator*() { todo("PooledVector::operator*"); }
    [[nodiscard]] const std::vector<T>& operator*() const { todo("PooledVector::operator*"); }
    [[nodiscard]] std::vector<T>* operator->() { todo("PooledVector::operator->"); }
    [[nodiscard]] const std::vector<T>* operator->() const { todo("PooledVector::operator->"); }

    /// Replaces the contents by f(0), f(1), …, f(count - 1), called once each and in this order.
    /// push_back looks at the capacity for each element, so its loop can't be vectorized; this
    /// knows the length beforehand. Works for every type whose vector can grow: it need not have a
    /// default constructor, nor an assignment (think of a const member). If f throws, the vector
    /// holds some valid contents. Allocates only if count is above the vector's capacity.
    template <typename F>
    void fill([[maybe_unused]] std::size_t count, [[maybe_unused]] F f) {
        todo("PooledVector::fill");
    }
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
    explicit VectorPool([[maybe_unused]] std::size_t capacity,
                        [[maybe_unused]] std::size_t max_pooled = 10,
                        [[maybe_unused]] Strategy strategy = Strategy::unsynchronized) {
        todo("VectorPool::VectorPool");
    }

    /// Destroys the vectors that wait. Guards that are out stay usable. (Yours to write: a todo
    /// here would end the program.)
    ~VectorPool() = default;

    VectorPool(const VectorPool&) = delete;
    VectorPool& operator=(const VectorPool&) = delete;

    /// An empty vector: one that came back, with the capacity that it grew to, or a new one. Its
    /// old elements were destroyed when it came back.
    /// @throws std::bad_alloc if there is no memory for a new one; also where its capacity would be
    ///         more than any vector can have
    [[nodiscard]] PooledVector<T> acquire() { todo("VectorPool::acquire"); }

    /// How many vectors wait to be used again.
    [[nodiscard]] std::size_t pooled() const { todo("VectorPool::pooled"); }
};

}  // namespace cacheline
