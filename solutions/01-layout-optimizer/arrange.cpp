// reorder and separate: a search where sorting does not do.

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <utility>

#include "cursor.hpp"
#include "groups.hpp"
#include "search.hpp"

namespace cacheline {

using namespace layout_detail;
using std::uint64_t;

namespace {

// No order has fewer bytes than the fields have.
uint64_t least_size(const Layout& layout) {
    uint64_t bytes = 0;
    uint64_t bits = 0;
    for (const FieldLayout& field : layout.fields) {
        bytes += field.bits == 0 ? field.size : 0;
        bits += field.bits;
    }
    return round_up(bytes + (bits + 7) / 8, layout.align);
}

// By alignment, largest first. Nothing where there are bit-fields, whose alignment says little.
std::optional<Record> sorted(const Record& record, const Layout& layout, const Target& target) {
    const std::vector<Block> blocks = blocks_of(record, layout);
    if (std::ranges::any_of(blocks, &Block::is_run)) return std::nullopt;
    std::vector<Step> steps(blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i)
        steps[i].block = i;
    std::ranges::stable_sort(steps, std::greater{}, [&](const Step& step) {
        return std::pair(!blocks[step.block].flexible, blocks[step.block].align);
    });
    uint64_t end = 0;
    for (const Step& step : steps) {
        end = round_up(end, blocks[step.block].align) + layout.fields[step.block].size;
        if (end > target.max_size()) return std::nullopt;
    }
    if (round_up(end, layout.align) > target.max_size()) return std::nullopt;
    return arranged(record, blocks, steps, target.cache_line);
}

}  // namespace

Record reorder(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    // Reaching the least size is all the proof that most records need.
    const uint64_t least = least_size(layout);
    if (record.is_union || layout.size == least) return record;

    Record best = record;
    uint64_t best_size = layout.size;
    const auto consider = [&](std::optional<Record> candidate) {
        if (!candidate) return;
        const uint64_t size = place(*candidate, target).size;
        if (size >= best_size) return;
        best = *std::move(candidate);
        best_size = size;
    };
    consider(sorted(record, layout, target));
    if (best_size == least) return best;
    if (const auto steps = Search(record, layout, target, {.align = layout.align}).best())
        consider(arranged(record, blocks_of(record, layout), *steps, target.cache_line));
    return best;
}

Record separate(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    const uint64_t line = target.cache_line;
    const std::vector<Block> blocks = blocks_of(record, layout);
    const bool shared = has_rivals(blocks);
    if (record.is_union) return record;
    if (!shared && hot_lines(blocks, line) == 0) return reorder(record, target);

    // Offsets say nothing about lines until the record itself starts on one.
    Record aligned = record;
    if (shared && layout.align < line) aligned.min_align = line;
    const uint64_t align = shared ? std::max(layout.align, line) : layout.align;
    // Where `#pragma pack` limits what `alignas` can do, no field can be made to start a line.
    const bool limited = record.pack != 0 && !target.packing_keeps_declared_alignment;
    const Goal goal{align, shared, true, align >= line && (!limited || record.pack >= line)};

    using Cost = std::pair<uint64_t, uint64_t>;
    std::optional<Record> best;
    Cost best_cost;
    const auto consider = [&](Record candidate) {
        const Layout placed = place(candidate, target);
        const std::vector<Block> lying = blocks_of(candidate, placed);
        if (shared && (placed.align < line || !kept_apart(lying, placed.align, line))) return;
        const Cost cost{placed.size, hot_lines(lying, line)};
        if (best && best_cost <= cost) return;
        best = std::move(candidate);
        best_cost = cost;
    };
    consider(record);
    if (const auto steps = Search(aligned, layout, target, goal).best())
        consider(arranged(aligned, blocks, *steps, line));
    if (blocks.size() > kExactUpTo && !shared) consider(reorder(record, target));
    if (blocks.size() > kExactUpTo && shared && goal.may_start_lines)
        if (const auto steps = by_writer(layout, blocks, line, target.max_size()))
            consider(arranged(aligned, blocks, *steps, line));
    if (best) return *std::move(best);
    if (!goal.may_start_lines) return record;
    throw std::length_error("record \"" + record.name +
                            "\": with its writers kept apart, larger than an object of " +
                            std::string(target.name) + " can be");
}

}  // namespace cacheline
