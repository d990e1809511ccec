#pragma once

// The answers by brute force: every order is tried, with arithmetic of its own. Only the size and
// the alignment of each field are taken from place(), which has tests of its own.

#include <algorithm>
#include <cstdint>
#include <layout_optimizer.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cacheline {

struct Brick {
    std::uint64_t size = 0;
    std::uint64_t align = 1;
    int writer = kNobody;
    bool hot = false;

    friend auto operator<=>(const Brick&, const Brick&) = default;
};

[[nodiscard]] inline std::vector<Brick> bricks_of(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    std::vector<Brick> bricks;
    for (std::size_t i = 0; i < std::min(layout.fields.size(), record.fields.size()); ++i) {
        const Access& access = record.fields[i].access;
        bricks.push_back(
            {layout.fields[i].size, layout.fields[i].align, access.writer, access.hot});
    }
    return bricks;
}

[[nodiscard]] inline std::uint64_t up(std::uint64_t value, std::uint64_t align) {
    return (value + align - 1) / align * align;
}

[[nodiscard]] inline std::uint64_t align_of(const Record& record,
                                            const std::vector<Brick>& bricks) {
    std::uint64_t align = std::max<std::uint64_t>(record.min_align, 1);
    for (const Brick& brick : bricks)
        align = std::max(align, brick.align);
    return align;
}

[[nodiscard]] inline std::uint64_t size_in_order(const std::vector<Brick>& bricks,
                                                 std::uint64_t align) {
    std::uint64_t end = 0;
    for (const Brick& brick : bricks)
        end = up(end, brick.align) + brick.size;
    return up(end, align);
}

/// The least size of all orders.
[[nodiscard]] inline std::uint64_t least_size(std::vector<Brick> bricks, std::uint64_t align) {
    std::ranges::sort(bricks);
    std::uint64_t least = size_in_order(bricks, align);
    while (std::ranges::next_permutation(bricks).found)
        least = std::min(least, size_in_order(bricks, align));
    return least;
}

/// A field where it has come to lie.
struct Spot {
    std::uint64_t offset = 0;
    Brick brick;
};

[[nodiscard]] inline std::vector<Spot> spots_in_order(const std::vector<Brick>& bricks) {
    std::vector<Spot> spots;
    std::uint64_t end = 0;
    for (const Brick& brick : bricks) {
        spots.push_back({up(end, brick.align), brick});
        end = spots.back().offset + brick.size;
    }
    return spots;
}

[[nodiscard]] inline bool written_apart(const Brick& x, const Brick& y) {
    return x.writer != kNobody && y.writer != kNobody && x.writer != y.writer;
}

/// Do they have bytes on one line when the record starts at the address?
[[nodiscard]] inline bool meet(const Spot& x, const Spot& y, std::uint64_t address,
                               std::uint64_t line) {
    const auto first = [&](const Spot& spot) { return (address + spot.offset) / line; };
    const auto last = [&](const Spot& spot) {
        return (address + spot.offset + spot.brick.size - 1) / line;
    };
    return first(x) <= last(y) && first(y) <= last(x);
}

/// May they, at any address that is a multiple of the record's alignment?
[[nodiscard]] inline bool may_meet(const Spot& x, const Spot& y, std::uint64_t align,
                                   std::uint64_t line) {
    for (std::uint64_t address = 0; address < std::max(align, line); address += align)
        if (meet(x, y, address, line)) return true;
    return false;
}

[[nodiscard]] inline std::uint64_t count_hot_lines(const std::vector<Spot>& spots,
                                                   std::uint64_t line) {
    std::set<std::uint64_t> lines;
    for (const Spot& spot : spots) {
        if (!spot.brick.hot) continue;
        for (std::uint64_t at = spot.offset / line;
             at <= (spot.offset + spot.brick.size - 1) / line; ++at)
            lines.insert(at);
    }
    return lines.size();
}

/// Size and lines with hot bytes.
using Cost = std::pair<std::uint64_t, std::uint64_t>;

/// The least cost of all orders with any of the fields aligned to a line, no line with two writers.
class Separation {
public:
    Separation(std::vector<Brick> bricks, std::uint64_t align, std::uint64_t line)
        : bricks_(std::move(bricks)), align_(align), line_(line) {
        std::set<int> writers;
        for (const Brick& brick : bricks_)
            if (brick.writer != kNobody) writers.insert(brick.writer);
        shared_ = writers.size() >= 2;
    }

    [[nodiscard]] Cost least() {
        best_ = {~std::uint64_t{0}, 0};
        std::ranges::sort(bricks_);
        used_.assign(bricks_.size(), false);
        spots_.clear();
        extend(align_);
        return best_;
    }

private:
    void extend(std::uint64_t align) {
        const std::uint64_t end =
            spots_.empty() ? 0 : spots_.back().offset + spots_.back().brick.size;
        if (spots_.size() == bricks_.size()) {
            if (shared_ && align < line_) return;
            best_ = std::min(best_, Cost{up(end, align), count_hot_lines(spots_, line_)});
            return;
        }
        for (std::size_t i = 0; i < bricks_.size(); ++i) {
            if (used_[i] || (i > 0 && bricks_[i] == bricks_[i - 1] && !used_[i - 1])) continue;
            used_[i] = true;
            for (const std::uint64_t raised :
                 {bricks_[i].align, std::max(bricks_[i].align, line_)}) {
                const Spot spot{up(end, raised), bricks_[i]};
                const bool alone = std::ranges::none_of(spots_, [&](const Spot& other) {
                    return written_apart(other.brick, spot.brick) && meet(other, spot, 0, line_);
                });
                if (!alone) continue;
                spots_.push_back(spot);
                extend(std::max(align, raised));
                spots_.pop_back();
            }
            used_[i] = false;
        }
    }

    std::vector<Brick> bricks_;
    std::uint64_t align_;
    std::uint64_t line_;
    bool shared_ = false;
    Cost best_;
    std::vector<bool> used_;
    std::vector<Spot> spots_;
};

}  // namespace cacheline
