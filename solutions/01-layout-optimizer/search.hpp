#pragma once

// The best order of a record's blocks. To find the best of n! orders it is enough to know, for each
// *set* of blocks placed so far, where they can end: what comes behind depends on the end, not on
// the order before it (Bellman's principle, as in Held and Karp 1962). That makes 2^n sets, and
// fewer where blocks are alike: of equal ones only the number matters.
//
// A sort is not enough. By alignment, descending, it leaves no hole where each size is a multiple
// of its alignment; but two fields `alignas(16) int` leave holes of 12 bytes, and which of the
// others fill them best is the bin packing problem.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "blocks.hpp"

namespace cacheline::layout_detail {

/// The search is exact up to this number of blocks, and so are the promises that rest on it.
inline constexpr std::size_t kExactUpTo = 12;

struct Goal {
    std::uint64_t align = 1;       ///< of the record
    bool writers_apart = false;    ///< no line with two writers
    bool together = false;         ///< hot blocks on few lines
    bool may_start_lines = false;  ///< raising a block's alignment to a line costs no alignment
};

/// A block of the record, and whether its alignment is raised to a line.
struct Step {
    std::size_t block = 0;
    bool starts_line = false;
};

/// Its fields in the order of the steps.
[[nodiscard]] Record arranged(const Record& record, const std::vector<Block>& blocks,
                              const std::vector<Step>& steps, std::uint64_t line);

class Search {
public:
    /// The search refers to record, layout and target.
    Search(const Record& record, const Layout& layout, const Target& target, const Goal& goal);

    /// The best order; nothing when none fits into the largest size or keeps the writers apart.
    /// Blocks that are alike keep their order.
    [[nodiscard]] std::optional<std::vector<Step>> best();

private:
    // All that matters of a block.
    struct Kind {
        std::uint64_t align = 1;
        std::uint64_t size = 0;
        Writer writer = kNobody;
        bool hot = false;
        bool flexible = false;
        std::size_t run = 0;  // no two runs are alike: 0 for none, else its block's number + 1

        friend auto operator<=>(const Kind&, const Kind&) = default;
    };

    using Used = std::vector<std::size_t>;  // how many of each kind

    // An order of some of the blocks, as far as what comes behind it can tell.
    struct Prefix {
        std::uint64_t end = 0;
        std::uint64_t hot_lines = 0;
        Writer writer = kNobody;  // of the line in which it ends
        std::size_t parent = 0;
        std::uint32_t kind = 0;  // of the last block
        bool starts_line = false;
        bool after_run = false;
        bool hot = false;  // the line in which it ends holds hot bytes
    };

    // Where a block comes to lie: the bytes that count for lines, and where the next may start.
    struct Span {
        std::uint64_t begin = 0;
        std::uint64_t last = 0;
        std::uint64_t end = 0;
    };

    using Layer = std::map<Used, std::vector<std::size_t>>;  // prefixes of one length

    [[nodiscard]] Layer next(const Layer& layer);
    [[nodiscard]] bool leads_on(const Used& used, std::size_t kind) const;
    [[nodiscard]] std::optional<Span> put(const Kind& kind, std::uint64_t end,
                                          bool starts_line) const;
    [[nodiscard]] std::optional<Prefix> append(std::size_t parent, std::size_t kind,
                                               bool starts_line) const;
    [[nodiscard]] bool beats(const Prefix& a, const Prefix& b) const;
    void keep(const std::optional<Prefix>& prefix, std::vector<std::size_t>& rivals);
    void thin_out(Layer& layer) const;
    [[nodiscard]] std::vector<Step> steps_to(std::size_t prefix) const;

    const Record& record_;
    const Target& target_;
    Goal goal_;
    std::vector<Block> blocks_;
    std::vector<Kind> kinds_;                        // sorted
    std::vector<std::vector<std::size_t>> of_kind_;  // the blocks, in their order
    bool any_hot_ = false;
    bool any_place_ = true;         // no run, nothing flexible: each block may stand anywhere
    std::vector<Prefix> prefixes_;  // all that were ever kept; 0 is the empty one
};

}  // namespace cacheline::layout_detail
