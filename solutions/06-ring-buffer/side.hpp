#pragma once

#include <atomic>
#include <cstddef>

#include "waiting.hpp"

namespace cacheline::ring_detail {

// Two lines, not one: many processors fetch lines in pairs.
inline constexpr std::size_t kApart = 128;

// A hand-over of fewer items than this is a short one (in a small ring, fewer still). This and the
// two pauses were found by trial, on processors whose pause takes from 10 to 45 ns.
inline constexpr std::size_t kBurst = 128;
inline constexpr int kShortPause = 16;  // turns of `pause`: about as long as a line travels
inline constexpr int kLongPause = 64;

/// What one side of the ring writes: the producer's or the consumer's. The other side reads `index`
/// and nothing else, hence the second line.
struct alignas(kApart) Side {
    std::atomic<std::size_t> index{0};          // items pushed, or popped, so far
    alignas(kApart / 2) std::size_t limit = 0;  // the other side's index at the last look
    std::size_t looked_at = 0;                  // its own index at the last look

    /// Reads the other side's index; `mine` is this side's own.
    ///
    /// That costs a cache line's way there and back, the time of a hundred pushes, and so does each
    /// slot that both sides have just been at. Whoever looks as soon as one item has moved gets one
    /// item for that price, over and over. So after a short hand-over the caller first keeps off
    /// the lines for `pauses` turns, in which the other side moves on by whole lines. Their number
    /// is fixed, so the caller stays wait-free. Where nothing at all has come since the last look
    /// there is no pause (the subtraction of 1 wraps around): polling an idle buffer stays cheap.
    void look(const Side& other, std::size_t mine, std::size_t short_burst, int pauses) {
        if (mine - looked_at - 1 < short_burst)
            for (int i = 0; i < pauses; ++i)
                pause();
        looked_at = mine;
        limit = other.index.load(std::memory_order_acquire);
    }
};

}  // namespace cacheline::ring_detail
