#pragma once

// The parts of a record that move as a whole, and the cache lines on which they lie.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "layout_optimizer.hpp"

namespace cacheline::layout_detail {

/// A thread's number, kNobody, or kSeveral, which no thread's number can be.
using Writer = std::int64_t;
inline constexpr Writer kSeveral = std::numeric_limits<Writer>::min();

/// Is a line that both write one that goes to and fro?
[[nodiscard]] constexpr bool clash(Writer a, Writer b) {
    return a != kNobody && b != kNobody && (a != b || a == kSeveral);
}

/// A field, or a run of bit-fields: those next to each other are one memory location of C++
/// ([intro.memory]) or lie as near as one, and a store to one may rewrite the others.
struct Block {
    std::size_t first = 0;  ///< field of the record
    std::size_t count = 1;  ///< of fields
    bool is_run = false;
    bool flexible = false;
    Writer writer = kNobody;
    bool hot = false;
    std::uint64_t align = 1;
    // What counts for lines: from the first byte to the last one.
    std::uint64_t begin = 0;
    std::uint64_t last = 0;
};

/// In the record's order.
[[nodiscard]] std::vector<Block> blocks_of(const Record& record, const Layout& layout);

/// Do two threads or more write to them?
[[nodiscard]] bool has_rivals(const std::vector<Block>& blocks);

/// The lines that hold hot bytes, of a record that starts a line.
[[nodiscard]] std::uint64_t hot_lines(const std::vector<Block>& blocks, std::uint64_t line);

/// Calls visit(i, j) for each pair of fields, i before j, that different threads write and that may
/// share a line, wherever a record of this alignment starts.
void for_each_false_sharing(const Record& record, const std::vector<Block>& blocks,
                            std::uint64_t align, std::uint64_t line,
                            const std::function<void(std::size_t, std::size_t)>& visit);

/// Is there no such pair in two different blocks?
[[nodiscard]] bool kept_apart(const std::vector<Block>& blocks, std::uint64_t align,
                              std::uint64_t line);

}  // namespace cacheline::layout_detail
