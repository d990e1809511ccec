#pragma once

// How many items a thread does between two looks at the rest of the world.

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace cacheline::parallel_detail {

using Clock = std::chrono::steady_clock;

/// How long a leaf of a call may become.
///
/// What stands behind an item in its leaf waits for it, however long it takes, and nobody can help.
/// So most calls have leaves of one item. Only where each thread has hundreds of leaves even so do
/// they become longer: then the items behind a slow one are a fraction of a percent, as they are of
/// costly ones that stand together in the last hundredth of the call. And there is an end to it:
/// after an exception, a leaf that has been begun goes on.
inline std::size_t longest_leaf(std::size_t count, std::size_t threads) noexcept {
    return std::clamp<std::size_t>(count / (threads * 256), 1, 16384);
}

/// How long the leaves of a piece are: learned from what its items took so far.
class LeafLength {
public:
    explicit LeafLength(std::size_t longest) noexcept
        : longest_(longest), start_(longest > 1 ? Clock::now() : Clock::time_point()) {}

    [[nodiscard]] std::size_t items() const noexcept { return items_; }

    /// After a leaf with that many items: the next one may be twice as long if it was quick, and is
    /// shorter in proportion if it was slow.
    void learn(std::size_t items) noexcept {
        if (longest_ == 1) return;  // nothing to learn, and the clock costs as much as a steal
        const Clock::time_point now = Clock::now();
        const Clock::duration took = now - start_;
        start_ = now;
        if (took <= kLeafTime) {
            items_ = std::min(std::max(items_, 2 * items), longest_);
        } else {
            const auto times = static_cast<std::size_t>(took / kLeafTime);
            items_ = std::clamp<std::size_t>(items / times, 1, longest_);
        }
    }

private:
    /// How long a leaf should take: a hundred times what it costs to push, to pop and to look at
    /// the clock.
    static constexpr Clock::duration kLeafTime = std::chrono::microseconds(10);

    std::size_t longest_;
    std::size_t items_ = 1;
    Clock::time_point start_;
};

}  // namespace cacheline::parallel_detail
