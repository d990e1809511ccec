#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "at_thread_end.hpp"

namespace cacheline::allocator_detail {

/// A place of its own for each running thread, the same in all counters of the process, so that
/// counters can be arrays with one writer for each element. A thread that ends hands its place on.
///
/// A place is kept as its distance in bytes from the array's start: that spares the hot path a
/// multiplication, and makes one address from which all of an element is reached.
class ThreadPlace {
public:
    static constexpr std::size_t kThreads = 256;         ///< that have a place at the same time
    static constexpr std::size_t kCount = 1 + kThreads;  ///< of elements: the first is kShared's
    static constexpr std::size_t kBytes = 640;           ///< of one element: whole cache lines
    /// For threads without a place of their own: they are too many, or their end has begun.
    static constexpr std::size_t kShared = 0;

    [[nodiscard]] static std::size_t mine() noexcept {
        const std::size_t place = place_;
        return place != kShared ? place : claim();
    }

    /// How many elements, from the first, any thread has had so far.
    [[nodiscard]] static std::size_t used() noexcept {
        return used_.load(std::memory_order_relaxed);
    }

private:
    // Hands the place on when the thread ends. It is kept apart from place_, which has neither
    // constructor nor destructor: the hot path reads it without a guard, and destructors of other
    // thread_local objects, and of static ones, may still allocate after this one has run.
    struct Keeper {
        ~Keeper() {
            AtThreadEnd::run_all(place_);
            const std::size_t number = place_ / kBytes - 1;
            place_ = kShared;
            ended_ = true;
            // Release, with the acquire in claim(): the next owner goes on from our last values,
            // which it reads and writes with relaxed and plain accesses.
            taken_[number / kBits].fetch_and(~bit(number), std::memory_order_release);
        }
    };

    // The lowest that is free, so that few are ever used and stats() has few to read.
    [[gnu::cold, gnu::noinline]] static std::size_t claim() noexcept {
        if (ended_) return kShared;
        for (std::size_t word = 0; word < taken_.size(); ++word) {
            std::uint64_t taken = taken_[word].load(std::memory_order_relaxed);
            while (taken != ~std::uint64_t{0}) {
                const std::size_t number =
                    word * kBits + static_cast<std::size_t>(std::countr_one(taken));
                if (taken_[word].compare_exchange_weak(taken, taken | bit(number),
                                                       std::memory_order_acquire,
                                                       std::memory_order_relaxed))
                    return keep(number);
            }
        }
        return kShared;
    }

    static std::size_t keep(std::size_t number) noexcept {
        const std::size_t needed = number + 2;  // elements: kShared's, and up to our own
        std::size_t used = used_.load(std::memory_order_relaxed);
        while (used < needed &&
               !used_.compare_exchange_weak(used, needed, std::memory_order_relaxed)) {
        }
        place_ = (number + 1) * kBytes;
        static thread_local Keeper keeper;
        static_cast<void>(keeper);
        return place_;
    }

    static constexpr std::size_t kBits = 64;  // of one word of taken_
    static constexpr std::uint64_t bit(std::size_t number) noexcept {
        return std::uint64_t{1} << (number % kBits);
    }

    inline static constinit thread_local std::size_t place_ = kShared;
    inline static constinit thread_local bool ended_ = false;
    inline static constinit std::array<std::atomic<std::uint64_t>, kThreads / kBits> taken_{};
    inline static constinit std::atomic<std::size_t> used_{1};
};

}  // namespace cacheline::allocator_detail
