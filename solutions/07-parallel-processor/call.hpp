#pragma once

// A call of a process function, and how calls are nested in each other.

#include <atomic>
#include <cstddef>
#include <exception>
#include <mutex>
#include <utility>

#include "doorbell.hpp"

namespace cacheline::parallel_detail {

struct Call;

/// Some neighbouring items of a call: [first, last).
struct Piece {
    Call* call;
    std::size_t first;
    std::size_t last;
};

/// One call of a process function: what is left of it, what went wrong, and what it is nested in.
///
/// Calls form a tree. An item of a call may make further calls, and it lasts until they are over.
/// So while an item is under way, its call lives, and so do all calls around that.
///
/// The memory of a Call is used for one call after another, and stays a Call as long as the
/// processor lives (Level, in place.hpp). Therefore a thief may ask `is_in` about the call of a
/// piece that somebody else is just taking.
struct Call {
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// Makes this a call of `function` for `count` items, nested in `around`, which may belong to
    /// another crew, or in nothing. function(i, end) counts i up, so that i is the item under way
    /// if it throws.
    template <typename Leaf>
    void begin(const Leaf& function, std::size_t count, std::size_t longest_leaf,
               const void* its_crew, Call* around) {
        run_leaf = [](Call& call, std::size_t first, std::size_t last) {
            std::size_t item = first;
            try {
                // A copy on the stack: what it captured stays in registers, since no store through
                // a result can alias it, and the loop can be vectorized. Inside the try, as it
                // copies the caller's iterator, and that may throw.
                Leaf mine = *static_cast<const Leaf*>(call.leaf);
                mine(item, last);
            } catch (...) {
                call.fail(item, std::current_exception());
            }
        };
        leaf = &function;
        max_leaf = longest_leaf;
        crew = its_crew;
        parent = around;
        Call* enclosing = around;
        while (enclosing != nullptr && enclosing->crew != crew)
            enclosing = enclosing->parent;
        outer.store(enclosing, std::memory_order_relaxed);
        depth.store(enclosing == nullptr ? 0 : enclosing->depth.load(std::memory_order_relaxed) + 1,
                    std::memory_order_relaxed);
        remaining.store(count, std::memory_order_relaxed);
        failed_at.store(kNone, std::memory_order_relaxed);
    }

    /// Whether this is `other` or nested in it. `other` must be under way. This one may be over:
    /// the answer means nothing then, but to ask is no error, since what is read is atomic, each
    /// pointer leads to a Call, and there are no more steps than `depth`.
    [[nodiscard]] bool is_in(const Call& other) const noexcept {
        const std::size_t its_depth = other.depth.load(std::memory_order_relaxed);
        const Call* call = this;
        for (std::size_t d = depth.load(std::memory_order_relaxed); d > its_depth; --d) {
            call = call->outer.load(std::memory_order_relaxed);
            if (call == nullptr) return false;
        }
        return call == &other;
    }

    void fail(std::size_t item, std::exception_ptr thrown) {
        const std::lock_guard lock(mutex_);
        if (item >= failed_at.load(std::memory_order_relaxed)) return;
        failed_at.store(item, std::memory_order_relaxed);
        error_ = std::move(thrown);
    }

    [[nodiscard]] bool over() const noexcept { return remaining.load() == 0; }

    /// `count` more items are done or abandoned. With the last of them the call is over and may be
    /// gone, but not its memory: so its caller can still be woken.
    void finish(std::size_t count) {
        if (remaining.fetch_sub(count) == count) bell.ring();
    }

    /// Throws what the first item threw that threw. Once the call is over.
    void rethrow() {
        if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
    }

    // What everybody who works on the call needs comes first, on one cache line.
    void (*run_leaf)(Call&, std::size_t first, std::size_t last) = nullptr;
    const void* leaf = nullptr;
    std::size_t max_leaf = 1;
    /// The first item known to have thrown. Items behind it are skipped; those before it are not,
    /// as one of them may throw too. A hint, hence relaxed: `remaining` orders the rest.
    std::atomic<std::size_t> failed_at{kNone};
    /// Items not done yet. Whoever brings it to 0 has seen, by acquire, what all others did.
    std::atomic<std::size_t> remaining{0};
    /// The nearest call around it of the same crew, and how many there are: atomic for the sake of
    /// is_in.
    std::atomic<Call*> outer{nullptr};
    std::atomic<std::size_t> depth{0};
    const void* crew = nullptr;  ///< whose threads work on it
    Call* parent = nullptr;      ///< the call that it is nested in, of whichever crew
    /// Where its caller sleeps while others finish it. A bell for each call, not for each thread: a
    /// thread that waits for another call must not be woken for this one.
    Doorbell bell;

private:
    std::mutex mutex_;
    std::exception_ptr error_;
};

}  // namespace cacheline::parallel_detail
