#pragma once

// What a thread needs to work: a deque for what it offers, one for each call that it is in.

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>

#include "call.hpp"
#include "work_stealing_deque.hpp"

namespace cacheline::parallel_detail {

/// One level of a thread's calls inside calls.
///
/// A thread works on one piece at a time on each level, so a deque holds pieces of one call only:
/// a thief that may not take the oldest of them may not take any. And it is never full, as halving
/// puts in at most one entry for each bit of a std::size_t.
struct Level {
    explicit Level(Level* below) : outer(below) {}

    WorkStealingDeque<Piece, 64> deque;
    Call call;           ///< the call that was made on this level
    Level* const outer;  ///< the level on which the item runs that made the call
    std::unique_ptr<Level> inner;
};

/// A thread's levels. A worker has a place for life, a thread from outside while it calls.
///
/// Levels are made when they are needed first and stay, so thieves can walk along them, and look at
/// the calls in them, without asking whether they are still there.
class Place {
public:
    /// The worker at whose place this one's thread begins to look for work.
    std::size_t first_victim = 0;

    /// The next level, for a call that is about to begin. For the thread whose place it is.
    Level& enter() {
        if (current_ == nullptr) {
            current_ = &first_;
        } else {
            if (!current_->inner) current_->inner = std::make_unique<Level>(current_);
            current_ = current_->inner.get();
            depth_.fetch_add(1);  // after `inner` is set: thieves follow it so far
        }
        return *current_;
    }

    /// Back to the level before. For the same thread; the level's deque is empty by now.
    void leave() noexcept {
        current_ = current_->outer;
        if (current_ != nullptr) depth_.fetch_sub(1);
    }

    /// The oldest piece that `may(piece)` allows, of the outermost call. For any thread.
    template <typename May>
    std::optional<Piece> steal(May may) noexcept {
        Level* level = &first_;
        for (std::size_t left = depth_.load(); left > 0; --left) {
            if (std::optional<Piece> piece = level->deque.try_steal(may)) return piece;
            if (left > 1) level = level->inner.get();  // the last one's is its owner's business
        }
        return std::nullopt;
    }

private:
    Level first_{nullptr};
    /// How many levels thieves look at: always the first, so that it does not change with each call
    /// from outside. On a line of its own, as they look again and again.
    alignas(64) std::atomic<std::size_t> depth_{1};
    alignas(64) Level* current_ = nullptr;
};

}  // namespace cacheline::parallel_detail
