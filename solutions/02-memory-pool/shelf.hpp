#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace cacheline::pool_detail {

template <typename T>
class Shelf;

/// A vector together with the shelf that it goes back to.
template <typename T>
struct Loan {
    std::vector<T> vector;
    std::shared_ptr<Shelf<T>> shelf;
};

/// Where vectors wait. The pool and every guard that is out hold it, so a guard may outlive the
/// pool.
///
/// A waiting vector holds it too: the pointer goes to and fro with the vector, by moves, and no
/// reference is counted, which would be an atomic read-modify-write in each call. That makes a
/// circle, which the end of the pool breaks.
template <typename T>
class Shelf {
public:
    Shelf(std::size_t capacity, std::size_t max_pooled, bool locked)
        : capacity_(capacity), max_pooled_(max_pooled), locked_(locked) {}

    /// A waiting vector, or a new one.
    /// @param self this shelf
    /// @throws std::bad_alloc
    [[nodiscard]] Loan<T> take(const std::shared_ptr<Shelf>& self) {
        {
            const auto lock = lock_if_shared();
            if (!waiting_.empty()) {
                Loan<T> loan = std::move(waiting_.back());
                waiting_.pop_back();
                return loan;
            }
        }
        Loan<T> loan{{}, self};
        // Memory for more elements than there can be is memory that is not there, too.
        if (capacity_ > loan.vector.max_size()) throw std::bad_alloc();
        loan.vector.reserve(capacity_);
        return loan;
    }

    /// Keeps the vector if it may; otherwise the loan stays as it is, but empty.
    void give_back(Loan<T>&& loan) noexcept {
        loan.vector.clear();  // runs T's destructors: outside the lock, they may use the pool
        const auto lock = lock_if_shared();
        if (!open_ || waiting_.size() >= max_pooled_) return;
        try {
            waiting_.push_back(std::move(loan));
        } catch (const std::bad_alloc&) {
            // Then this one is not kept.
        }
        // Once the lock is open the pool may end, and this shelf with it: nothing may follow.
    }

    /// The pool ends: no vector waits any longer.
    void close() noexcept {
        std::vector<Loan<T>> doomed;  // dies after the lock
        const auto lock = lock_if_shared();
        open_ = false;
        doomed.swap(waiting_);
    }

    [[nodiscard]] std::size_t pooled() const {
        const auto lock = lock_if_shared();
        return waiting_.size();
    }

private:
    [[nodiscard]] std::unique_lock<std::mutex> lock_if_shared() const {
        return locked_ ? std::unique_lock(mutex_) : std::unique_lock<std::mutex>();
    }

    mutable std::mutex mutex_;
    std::vector<Loan<T>> waiting_;
    std::size_t capacity_;
    std::size_t max_pooled_;
    bool locked_;
    bool open_ = true;
};

}  // namespace cacheline::pool_detail
