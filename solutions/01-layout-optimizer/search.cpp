#include "search.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "cursor.hpp"
#include "outlook.hpp"

namespace cacheline::layout_detail {
namespace {

using std::uint64_t;

// Beyond kExactUpTo blocks the search keeps only the most promising prefixes of each length.
constexpr std::size_t kBeam = 128;

void start_line(std::span<Field> fields, uint64_t line) {
    // A bit-field of no bits has no alignment to raise.
    const auto first = std::ranges::find_if(
        fields, [](const Field& field) { return !field.bits || *field.bits != 0; });
    if (first != fields.end()) first->min_align = std::max(first->min_align, line);
}

}  // namespace

Record arranged(const Record& record, const std::vector<Block>& blocks,
                const std::vector<Step>& steps, uint64_t line) {
    Record result = record;
    auto to = result.fields.begin();
    for (const Step& step : steps) {
        const Block& block = blocks[step.block];
        const auto from = record.fields.begin() + static_cast<std::ptrdiff_t>(block.first);
        const auto end = std::copy_n(from, block.count, to);
        if (step.starts_line) start_line({to, end}, line);
        to = end;
    }
    return result;
}

Search::Search(const Record& record, const Layout& layout, const Target& target, const Goal& goal)
    : record_(record), target_(target), goal_(goal), blocks_(blocks_of(record, layout)) {
    std::map<Kind, std::vector<std::size_t>> kinds;
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
        const Block& block = blocks_[i];
        Kind kind{block.align, layout.fields[block.first].size};
        kind.flexible = block.flexible;
        if (block.is_run) kind.run = i + 1;
        if (goal.writers_apart) kind.writer = block.writer;
        kind.hot = goal.together && block.hot;
        any_hot_ = any_hot_ || kind.hot;
        any_place_ = any_place_ && !block.is_run && !block.flexible;
        kinds[kind].push_back(i);
    }
    for (auto& [kind, blocks] : kinds) {
        kinds_.push_back(kind);
        of_kind_.push_back(std::move(blocks));
    }
}

std::optional<std::vector<Step>> Search::best() {
    Layer layer = {{Used(kinds_.size(), 0), {0}}};
    prefixes_ = {Prefix{}};
    for (std::size_t depth = 0; depth < blocks_.size(); ++depth) {
        layer = next(layer);
        if (blocks_.size() > kExactUpTo) thin_out(layer);
        if (layer.empty()) return std::nullopt;
    }
    const std::vector<std::size_t>& complete = layer.begin()->second;
    return steps_to(*std::ranges::min_element(complete, {}, [&](std::size_t i) {
        return std::pair(round_up(prefixes_[i].end, goal_.align), prefixes_[i].hot_lines);
    }));
}

Search::Layer Search::next(const Layer& layer) {
    Layer result;
    for (const auto& [used, prefixes] : layer) {
        for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
            if (used[kind] == of_kind_[kind].size()) continue;
            Used more = used;
            ++more[kind];
            if (!any_place_ && !leads_on(more, kind)) continue;
            std::vector<std::size_t>& rivals = result[more];
            for (const std::size_t parent : prefixes) {
                keep(append(parent, kind, false), rivals);
                if (goal_.may_start_lines) keep(append(parent, kind, true), rivals);
            }
            if (rivals.empty()) result.erase(more);
        }
    }
    return result;
}

// Can the order go on to its end behind this kind? What is flexible comes last, and between two
// runs something else.
bool Search::leads_on(const Used& used, std::size_t kind) const {
    std::size_t runs = 0;
    std::size_t others = 0;
    std::size_t flexible = 0;
    for (std::size_t i = 0; i < kinds_.size(); ++i) {
        const std::size_t left = of_kind_[i].size() - used[i];
        (kinds_[i].run != 0 ? runs : kinds_[i].flexible ? flexible : others) += left;
    }
    if (kinds_[kind].flexible && runs + others + flexible != 0) return false;
    return runs <= others + (kinds_[kind].run != 0 ? 0 : 1);
}

std::optional<Search::Span> Search::put(const Kind& kind, uint64_t end, bool starts_line) const {
    if (kind.run == 0) {
        const uint64_t line = starts_line ? target_.cache_line : 1;
        const uint64_t start = round_up(end, std::max(kind.align, line));
        const uint64_t max_size = target_.max_size();
        if (start > max_size || kind.size > max_size - start) return std::nullopt;
        return Span{start, start + std::max<uint64_t>(kind.size, 1) - 1, start + kind.size};
    }
    // Where its bit-fields go depends on where it starts.
    const Block& block = blocks_[kind.run - 1];
    const auto first = record_.fields.begin() + static_cast<std::ptrdiff_t>(block.first);
    std::vector<Field> fields(first, first + static_cast<std::ptrdiff_t>(block.count));
    if (starts_line) start_line(fields, target_.cache_line);
    Cursor cursor(record_, target_, end);
    std::optional<Span> span;
    uint64_t begin = end;
    for (const Field& field : fields) {
        const ScalarLayout& type = *target_.find(*field.type.scalar());
        const std::optional<FieldLayout> placed = cursor.put(field, {type.size, type.align});
        if (!placed) return std::nullopt;
        if (placed->size == 0) {
            begin = placed->offset;
            continue;
        }
        if (!span) span = Span{placed->offset};
        span->last = placed->offset + placed->size - 1;
    }
    if (!span) span = Span{begin, begin};
    span->end = cursor.end();
    return span;
}

std::optional<Search::Prefix> Search::append(std::size_t parent, std::size_t kind_index,
                                             bool starts_line) const {
    const Prefix& from = prefixes_[parent];
    const Kind& kind = kinds_[kind_index];
    if (from.after_run && kind.run != 0) return std::nullopt;
    const std::optional<Span> span = put(kind, from.end, starts_line);
    if (!span) return std::nullopt;
    const uint64_t line = target_.cache_line;
    Prefix to;
    to.end = span->end;
    to.after_run = kind.run != 0;
    to.kind = static_cast<std::uint32_t>(kind_index);
    to.starts_line = starts_line;
    to.parent = parent;
    const uint64_t first = span->begin / line;
    const uint64_t last = span->last / line;
    const bool joins = from.end % line != 0 && first == from.end / line;
    if (joins && clash(from.writer, kind.writer)) return std::nullopt;
    to.hot_lines = from.hot_lines;
    if (kind.hot) to.hot_lines += last - first + (joins && from.hot ? 0 : 1);
    // What may follow on the line where it ends, if that line is begun and the block lies on it.
    if (to.end % line != 0 && last == to.end / line) {
        const bool same_line = joins && first == last;
        to.hot = kind.hot || (same_line && from.hot);
        to.writer = kind.writer != kNobody || !same_line ? kind.writer : from.writer;
    }
    return to;
}

// Whatever can follow b can follow a, with no worse an outcome.
bool Search::beats(const Prefix& a, const Prefix& b) const {
    if (a.end > b.end || a.hot_lines > b.hot_lines || (a.after_run && !b.after_run)) return false;
    const uint64_t line = target_.cache_line;
    const bool writer_no_worse = a.writer == kNobody || a.writer == b.writer;
    if (!any_hot_ && writer_no_worse) return true;
    // An earlier end may make a hot field straddle a line, unless it can be pushed to the next.
    if (any_hot_ && !goal_.may_start_lines && a.end != b.end) return false;
    if (writer_no_worse && (a.hot || !b.hot) && (a.end - 1) / line == (b.end - 1) / line)
        return true;
    // Or a goes on at the start of a line that b reaches no earlier.
    return goal_.may_start_lines && round_up(a.end, line) <= b.end &&
           a.hot_lines + (b.hot ? 1 : 0) <= b.hot_lines;
}

void Search::keep(const std::optional<Prefix>& prefix, std::vector<std::size_t>& rivals) {
    if (!prefix) return;
    for (const std::size_t rival : rivals)
        if (beats(prefixes_[rival], *prefix)) return;
    std::erase_if(rivals, [&](std::size_t rival) { return beats(*prefix, prefixes_[rival]); });
    rivals.push_back(prefixes_.size());
    prefixes_.push_back(*prefix);
}

// Keeps the prefixes that promise the smallest record; among equals those that have left the
// fewest bytes empty.
void Search::thin_out(Layer& layer) const {
    std::vector<std::tuple<uint64_t, uint64_t, uint64_t, std::size_t, const Used*>> ranked;
    for (const auto& [used, prefixes] : layer) {
        Outlook outlook(target_.cache_line);
        uint64_t bytes = 0;
        for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
            bytes += used[kind] * kinds_[kind].size;
            outlook.add(kinds_[kind].writer,
                        (of_kind_[kind].size() - used[kind]) * kinds_[kind].size);
        }
        for (const std::size_t i : prefixes) {
            const Prefix& prefix = prefixes_[i];
            const uint64_t lines =
                goal_.writers_apart ? outlook.lines(prefix.end, prefix.writer) : 0;
            ranked.emplace_back(lines, prefix.end - bytes, prefix.hot_lines, i, &used);
        }
    }
    if (ranked.size() <= kBeam) return;
    std::ranges::nth_element(ranked, ranked.begin() + kBeam);
    Layer kept;
    for (std::size_t i = 0; i < kBeam; ++i)
        kept[*std::get<4>(ranked[i])].push_back(std::get<3>(ranked[i]));
    layer = std::move(kept);
}

std::vector<Step> Search::steps_to(std::size_t prefix) const {
    std::vector<std::size_t> path;
    for (; prefix != 0; prefix = prefixes_[prefix].parent)
        path.push_back(prefix);
    std::ranges::reverse(path);
    std::vector<Step> steps;
    Used used(kinds_.size(), 0);
    for (const std::size_t at : path) {
        const Prefix& step = prefixes_[at];
        steps.push_back({of_kind_[step.kind][used[step.kind]++], step.starts_line});
    }
    return steps;
}

}  // namespace cacheline::layout_detail
