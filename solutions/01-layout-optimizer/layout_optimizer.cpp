#include "layout_optimizer.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

namespace cacheline {
namespace {

using std::uint64_t;

// For an alignment that is a power of two, and a value of at most PTRDIFF_MAX: no sum wraps.
uint64_t round_up(uint64_t value, uint64_t align) {
    return (value + align - 1) & ~(align - 1);
}

// ---- place -----------------------------------------------------------------------------------

uint64_t checked_align(uint64_t align, const std::string& where) {
    if (align != 0 && !std::has_single_bit(align))
        throw std::invalid_argument(where + ": the alignment " + std::to_string(align) +
                                    " is not a power of two");
    return std::max<uint64_t>(align, 1);
}

[[noreturn]] void throw_too_large(const std::string& where, const Target& target) {
    throw std::length_error(where + ": larger than the " + std::to_string(target.max_size()) +
                            " bytes that an object of " + std::string(target.name) + " can have");
}

struct Shape {
    uint64_t size = 0;
    uint64_t align = 1;
    uint64_t declared_align = 1;  // what packing leaves of it under Microsoft's rules
};

// The layout, and beside it what only a record around this one wants to know.
std::pair<Layout, Shape> place_with_shape(const Record& record, const Target& target);

Shape shape_of(const Type& type, const Target& target, const std::string& where) {
    if (const Scalar* const scalar = type.scalar()) {
        const ScalarLayout* const found = target.find(*scalar);
        if (found == nullptr)
            throw std::invalid_argument(where + ": " + std::string(target.name) + " has no " +
                                        std::string(name(*scalar)));
        return {found->size, found->align, 1};
    }
    if (type.record() == nullptr) throw std::invalid_argument(where + ": its type was moved from");
    return place_with_shape(*type.record(), target).second;
}

std::pair<Layout, Shape> place_with_shape(const Record& record, const Target& target) {
    if (record.fields.empty())
        throw std::invalid_argument("record \"" + record.name + "\" has no fields");
    const uint64_t max_size = target.max_size();
    Layout layout;
    layout.align = checked_align(record.min_align, "record \"" + record.name + '"');
    uint64_t declared_align = 1;
    uint64_t end = 0;
    for (const Field& field : record.fields) {
        const std::string where = "record \"" + record.name + "\", field \"" + field.name + '"';
        if (field.count == 0) throw std::invalid_argument(where + ": an array of no elements");
        const uint64_t asked = checked_align(field.min_align, where);
        const Shape type = shape_of(field.type, target, where);

        uint64_t natural = type.align;
        if (record.packed)
            natural = target.packing_keeps_declared_alignment ? type.declared_align : 1;
        FieldLayout placed;
        placed.name = field.name;
        placed.align = std::max(natural, asked);
        placed.offset = round_up(end, placed.align);
        placed.padding_before = placed.offset - end;
        // Divide rather than multiply: the product may wrap round to something harmless.
        if (placed.offset > max_size || field.count > (max_size - placed.offset) / type.size)
            throw_too_large(where, target);
        placed.size = field.count * type.size;
        end = placed.offset + placed.size;

        layout.align = std::max(layout.align, placed.align);
        declared_align = std::max({declared_align, asked, type.declared_align});
        layout.fields.push_back(std::move(placed));
    }
    // The padding at the end is what keeps the second element of an array aligned.
    layout.size = round_up(end, layout.align);
    if (layout.size > max_size) throw_too_large("record \"" + record.name + '"', target);
    layout.tail_padding = layout.size - end;
    if (record.min_align != 0) declared_align = std::max(declared_align, layout.align);
    layout.cache_lines = (layout.size - 1) / target.cache_line + 1;
    const Shape shape{layout.size, layout.align, declared_align};
    return {std::move(layout), shape};
}

// ---- the search for the best order -----------------------------------------------------------

// To find the best of n! orders it is enough to know, for each *set* of fields placed so far, where
// they can end: what comes behind depends on the end, not on the order before it (Bellman's
// principle, as in Held and Karp 1962). That makes 2^n sets, and fewer where fields are alike: of
// equal pieces only the number matters.
//
// A sort is not enough. By alignment, descending, it leaves no hole where each size is a multiple
// of its alignment; but two fields `alignas(16) int` leave holes of 12 bytes, and which of the
// others fill them best is the bin packing problem.

// All that matters of a field.
struct Piece {
    uint64_t align = 1;
    uint64_t size = 0;
    int writer = kNobody;
    bool hot = false;

    friend auto operator<=>(const Piece&, const Piece&) = default;
};

struct Goal {
    uint64_t align = 1;  // of the record
    uint64_t cache_line = 64;
    uint64_t max_size = 0;
    bool writers_apart = false;    // no line with two writers
    bool may_start_lines = false;  // raising a field's alignment to a line costs no alignment
};

struct Step {
    std::size_t kind = 0;
    bool starts_line = false;
};

class Search {
public:
    explicit Search(const std::vector<Piece>& pieces, const Goal& goal) : goal_(goal) {
        std::map<Piece, std::size_t> counts;
        for (const Piece& piece : pieces)
            ++counts[piece];
        for (const auto& [piece, count] : counts) {
            kinds_.push_back(piece);
            counts_.push_back(count);
            any_hot_ = any_hot_ || piece.hot;
        }
        exact_ = pieces.size() <= kExactUpTo;
        length_ = pieces.size();
    }

    // The kinds of pieces in the best order; nothing when no order fits into the largest size.
    std::optional<std::vector<Step>> best() {
        std::map<Used, std::vector<std::size_t>> layer = {{Used(kinds_.size(), 0), {0}}};
        prefixes_ = {Prefix{}};
        for (std::size_t depth = 0; depth < length_; ++depth) {
            layer = next(layer);
            if (!exact_) thin_out(layer);
            if (layer.empty()) return std::nullopt;
        }
        const std::vector<std::size_t>& complete = layer.begin()->second;
        return steps_to(*std::ranges::min_element(complete, {}, [&](std::size_t i) {
            return std::pair(round_up(prefixes_[i].end, goal_.align), prefixes_[i].hot_lines);
        }));
    }

private:
    // Beyond this number the search keeps only the most promising prefixes of each length.
    static constexpr std::size_t kExactUpTo = 12;
    static constexpr std::size_t kBeam = 128;

    using Used = std::vector<std::size_t>;  // how many of each kind

    // An order of some of the pieces, as far as what comes behind it can tell.
    struct Prefix {
        uint64_t end = 0;
        uint64_t hot_lines = 0;
        int writer = kNobody;  // of the line in which it ends
        bool hot = false;      // that line holds hot bytes
        Step step{};           // the last one
        std::size_t parent = 0;
    };

    std::map<Used, std::vector<std::size_t>> next(
        const std::map<Used, std::vector<std::size_t>>& layer) {
        std::map<Used, std::vector<std::size_t>> result;
        for (const auto& [used, prefixes] : layer) {
            for (std::size_t kind = 0; kind < kinds_.size(); ++kind) {
                if (used[kind] == counts_[kind]) continue;
                Used more = used;
                ++more[kind];
                std::vector<std::size_t>& rivals = result[more];
                for (const std::size_t parent : prefixes) {
                    keep(append(parent, {kind, false}), rivals);
                    if (goal_.may_start_lines) keep(append(parent, {kind, true}), rivals);
                }
                if (rivals.empty()) result.erase(more);
            }
        }
        return result;
    }

    std::optional<Prefix> append(std::size_t parent, Step step) const {
        const Prefix& from = prefixes_[parent];
        const Piece& piece = kinds_[step.kind];
        const uint64_t line = goal_.cache_line;
        const uint64_t align = step.starts_line ? std::max(piece.align, line) : piece.align;
        const uint64_t start = round_up(from.end, align);
        if (start > goal_.max_size || piece.size > goal_.max_size - start) return std::nullopt;
        Prefix to;
        to.end = start + piece.size;
        to.step = step;
        to.parent = parent;
        const uint64_t first = start / line;
        const uint64_t last = (to.end - 1) / line;
        const bool joins = from.end % line != 0 && first == from.end / line;
        if (goal_.writers_apart && joins && from.writer != kNobody && piece.writer != kNobody &&
            from.writer != piece.writer)
            return std::nullopt;
        to.hot_lines = from.hot_lines;
        if (piece.hot) to.hot_lines += last - first + (joins && from.hot ? 0 : 1);
        if (to.end % line != 0) {
            const bool same_line = joins && first == last;
            to.hot = piece.hot || (same_line && from.hot);
            if (goal_.writers_apart)
                to.writer = piece.writer != kNobody || !same_line ? piece.writer : from.writer;
        }
        return to;
    }

    // Whatever can follow b can follow a, with no worse an outcome.
    bool beats(const Prefix& a, const Prefix& b) const {
        if (a.end > b.end || a.hot_lines > b.hot_lines) return false;
        const uint64_t line = goal_.cache_line;
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

    void keep(const std::optional<Prefix>& prefix, std::vector<std::size_t>& rivals) {
        if (!prefix) return;
        for (const std::size_t rival : rivals)
            if (beats(prefixes_[rival], *prefix)) return;
        std::erase_if(rivals, [&](std::size_t rival) { return beats(*prefix, prefixes_[rival]); });
        rivals.push_back(prefixes_.size());
        prefixes_.push_back(*prefix);
    }

    // Keeps the prefixes that have left the fewest bytes empty.
    void thin_out(std::map<Used, std::vector<std::size_t>>& layer) const {
        std::vector<std::tuple<uint64_t, uint64_t, std::size_t, const Used*>> ranked;
        for (const auto& [used, prefixes] : layer) {
            uint64_t bytes = 0;
            for (std::size_t kind = 0; kind < kinds_.size(); ++kind)
                bytes += used[kind] * kinds_[kind].size;
            for (const std::size_t i : prefixes)
                ranked.emplace_back(prefixes_[i].end - bytes, prefixes_[i].hot_lines, i, &used);
        }
        if (ranked.size() <= kBeam) return;
        std::ranges::nth_element(ranked, ranked.begin() + kBeam);
        std::map<Used, std::vector<std::size_t>> kept;
        for (std::size_t i = 0; i < kBeam; ++i)
            kept[*std::get<3>(ranked[i])].push_back(std::get<2>(ranked[i]));
        layer = std::move(kept);
    }

    std::vector<Step> steps_to(std::size_t prefix) const {
        std::vector<Step> steps;
        for (; prefix != 0; prefix = prefixes_[prefix].parent)
            steps.push_back(prefixes_[prefix].step);
        std::ranges::reverse(steps);
        return steps;
    }

    Goal goal_;
    std::vector<Piece> kinds_;         // sorted
    std::vector<std::size_t> counts_;  // of each kind
    std::size_t length_ = 0;
    bool any_hot_ = false;
    bool exact_ = true;
    std::vector<Prefix> prefixes_;  // all that were ever kept; 0 is the empty one
};

// The record with its fields in the order of the steps; of fields that are alike, the first comes
// first.
Record arranged(const Record& record, const std::vector<Piece>& pieces,
                const std::vector<Step>& steps, uint64_t line) {
    std::vector<Piece> kinds = pieces;
    std::ranges::sort(kinds);
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    std::vector<std::size_t> next_of_kind(kinds.size(), 0);
    Record result = record;
    result.fields.clear();
    for (const Step& step : steps) {
        std::size_t& i = next_of_kind[step.kind];
        while (pieces[i] != kinds[step.kind])
            ++i;
        result.fields.push_back(record.fields[i++]);
        uint64_t& min_align = result.fields.back().min_align;
        if (step.starts_line) min_align = std::max(min_align, line);
    }
    return result;
}

// ---- cache lines -----------------------------------------------------------------------------

std::size_t writer_count(const Record& record) {
    std::set<int> writers;
    for (const Field& field : record.fields)
        if (field.access.writer != kNobody) writers.insert(field.access.writer);
    return writers.size();
}

// Do bytes of two fields, x before y, fall on one line at some start that the alignment allows?
bool may_share(const FieldLayout& x, const FieldLayout& y, uint64_t align, uint64_t line) {
    const uint64_t last_of_x = x.offset + x.size - 1;
    // The starts that are worst put the end of x as near behind the start of a line as they can.
    const uint64_t nearest = last_of_x % std::min(align, line);
    return nearest + (y.offset - last_of_x) < line;
}

// Calls visit(i, j) for each pair of fields, i before j, that different threads write on one line.
void for_each_false_sharing(const Record& record, const Layout& layout, uint64_t line,
                            const std::function<void(std::size_t, std::size_t)>& visit) {
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const int writer = record.fields[i].access.writer;
        if (writer == kNobody) continue;
        for (std::size_t j = i + 1; j < record.fields.size(); ++j) {
            const int other = record.fields[j].access.writer;
            if (other != kNobody && other != writer &&
                may_share(layout.fields[i], layout.fields[j], layout.align, line))
                visit(i, j);
        }
    }
}

uint64_t hot_lines(const Record& record, const Layout& layout, uint64_t line) {
    uint64_t count = 0;
    uint64_t first_uncounted = 0;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (!record.fields[i].access.hot) continue;
        const FieldLayout& field = layout.fields[i];
        const uint64_t first = std::max(field.offset / line, first_uncounted);
        const uint64_t end = (field.offset + field.size - 1) / line + 1;
        if (end > first) count += end - first;
        first_uncounted = std::max(first_uncounted, end);
    }
    return count;
}

}  // namespace

Layout place(const Record& record, const Target& target) {
    return place_with_shape(record, target).first;
}

// ---- reorder ---------------------------------------------------------------------------------

Record reorder(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    std::vector<Piece> pieces;
    uint64_t bytes = 0;
    for (const FieldLayout& field : layout.fields) {
        pieces.push_back({field.align, field.size});
        bytes += field.size;
    }
    // No order has fewer bytes than the fields have. Reaching that is all the proof that most need.
    const uint64_t least = round_up(bytes, layout.align);
    if (layout.size == least) return record;

    std::vector<std::size_t> order(pieces.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::greater{}, [&](std::size_t i) { return pieces[i].align; });
    Record sorted = record;
    std::ranges::transform(order, sorted.fields.begin(),
                           [&](std::size_t i) { return record.fields[i]; });
    uint64_t end = 0;
    for (const std::size_t i : order)
        end = round_up(end, pieces[i].align) + pieces[i].size;
    const uint64_t sorted_size = round_up(end, layout.align);
    if (sorted_size == least) return sorted;

    const Goal goal{.align = layout.align, .max_size = target.max_size()};
    uint64_t best_size = std::min(layout.size, sorted_size);
    if (const auto steps = Search(pieces, goal).best()) {
        Record found = arranged(record, pieces, *steps, goal.cache_line);
        if (place(found, target).size < best_size) return found;
    }
    return sorted_size < layout.size ? sorted : record;
}

// ---- share -----------------------------------------------------------------------------------

Record separate(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    const uint64_t line = target.cache_line;
    const bool shared = writer_count(record) >= 2;
    if (!shared && hot_lines(record, layout, line) == 0) return reorder(record, target);

    Goal goal{layout.align, line, target.max_size(), shared, false};
    if (shared) goal.align = std::max(goal.align, line);
    goal.may_start_lines = goal.align >= line;
    std::vector<Piece> pieces;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const Access& access = record.fields[i].access;
        pieces.push_back({layout.fields[i].align, layout.fields[i].size,
                          shared ? access.writer : kNobody, access.hot});
    }
    const auto steps = Search(pieces, goal).best();
    if (!steps) throw_too_large("record \"" + record.name + '"', target);
    Record found = arranged(record, pieces, *steps, line);
    // Offsets say nothing about lines until the record itself starts on one.
    if (layout.align < goal.align) found.fields.front().min_align = line;

    const auto cost = [&](const Record& candidate) {
        const Layout placed = place(candidate, target);
        return std::pair(placed.size, hot_lines(candidate, placed, line));
    };
    bool apart = !shared || layout.align >= line;
    for_each_false_sharing(record, layout, line, [&](std::size_t, std::size_t) { apart = false; });
    const auto found_cost = cost(found);
    if (apart && cost(record) <= found_cost) return record;
    if (!shared) {
        // Only for records that are too long for an exact search.
        Record smallest = reorder(record, target);
        if (cost(smallest) < found_cost) return smallest;
    }
    return found;
}

// ---- advise ----------------------------------------------------------------------------------

namespace {

std::string counted(uint64_t count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (&name != names.data()) text += ", ";
        text += name;
    }
    return text;
}

std::vector<Finding> review_against(const Record& record, const Layout& layout,
                                    const Record& proposed, const Layout& proposed_layout,
                                    const Target& target) {
    const uint64_t line = target.cache_line;
    std::vector<Finding> findings;

    if (proposed_layout.size < layout.size) {
        Finding finding{FindingKind::kReorder};
        for (const Field& field : proposed.fields)
            finding.fields.push_back(field.name);
        finding.bytes = layout.size - proposed_layout.size;
        finding.text = "Another order saves " + counted(finding.bytes, "byte") + " of " +
                       std::to_string(layout.size) + ": " + joined(finding.fields) + '.';
        findings.push_back(std::move(finding));
    }

    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const FieldLayout& field = layout.fields[i];
        const uint64_t end = field.offset + field.size;
        const uint64_t last_line_start = (end - 1) / line * line;
        if (!record.fields[i].access.hot || field.size > line || field.offset >= last_line_start)
            continue;
        const uint64_t beyond = end - last_line_start;
        findings.push_back({FindingKind::kCrossesLine,
                            {field.name},
                            beyond,
                            "The hot field " + field.name + " lies on two cache lines, " +
                                counted(beyond, "byte") + " of its " + std::to_string(field.size) +
                                " on the second: each use may fetch both."});
    }

    Record hot = record;
    std::erase_if(hot.fields, [](const Field& field) { return !field.access.hot; });
    if (layout.size > line && !hot.fields.empty() && hot.fields.size() < record.fields.size()) {
        const Record hot_alone = separate(hot, target);
        const Layout hot_layout = place(hot_alone, target);
        const uint64_t lines_now = hot_lines(record, layout, line);
        const uint64_t lines_alone = hot_lines(hot_alone, hot_layout, line);
        if (lines_now > lines_alone) {
            Finding finding{FindingKind::kSplit};
            for (const Field& field : record.fields)
                if (!field.access.hot) finding.fields.push_back(field.name);
            if (layout.size > hot_layout.size) finding.bytes = layout.size - hot_layout.size;
            finding.text =
                "The hot fields lie on " + counted(lines_now, "cache line") + " and fit on " +
                std::to_string(lines_alone) + ": move the cold ones (" + joined(finding.fields) +
                ") into a record of their own, which makes this one " +
                counted(finding.bytes, "byte") + " smaller, or at least behind the hot ones.";
            findings.push_back(std::move(finding));
        }
    }

    for_each_false_sharing(record, layout, line, [&](std::size_t i, std::size_t j) {
        const Field& x = record.fields[i];
        const Field& y = record.fields[j];
        const uint64_t distance = layout.fields[j].offset - layout.fields[i].offset;
        findings.push_back({FindingKind::kFalseSharing,
                            {x.name, y.name},
                            distance,
                            x.name + " (written by thread " + std::to_string(x.access.writer) +
                                ") and " + y.name + " (by thread " +
                                std::to_string(y.access.writer) + ") start " +
                                counted(distance, "byte") +
                                " apart and may share a cache line of " + std::to_string(line) +
                                ": each write takes it from the other thread. Kept apart, the "
                                "record has " +
                                counted(proposed_layout.size, "byte") + '.'});
    });

    if (findings.empty()) findings.push_back({FindingKind::kNothing, {}, 0, "Nothing to do."});
    return findings;
}

}  // namespace

std::vector<Finding> review(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    const Record proposed = separate(record, target);
    return review_against(record, layout, proposed, place(proposed, target), target);
}

// ---- report ----------------------------------------------------------------------------------

void LayoutReport::add(const Record& record) {
    add(std::span(&record, 1));
}

void LayoutReport::add(std::span<const Record> records) {
    std::vector<Analysis> added;
    for (const Record& record : records) {
        Layout layout = place(record, target_);
        Record proposed = separate(record, target_);
        Layout proposed_layout = place(proposed, target_);
        std::vector<Finding> findings =
            review_against(record, layout, proposed, proposed_layout, target_);
        added.push_back({record, std::move(layout), std::move(proposed), std::move(proposed_layout),
                         std::move(findings)});
    }
    analyses_.reserve(analyses_.size() + added.size());  // from here on nothing throws
    std::ranges::move(added, std::back_inserter(analyses_));
}

namespace {

// Streams and printf write numbers as the locale has it, a point as a comma; to_chars never does.
std::string decimal(double value, std::optional<int> digits = std::nullopt) {
    std::array<char, 64> buffer{};
    char* const end = buffer.data() + buffer.size();
    const auto result =
        digits ? std::to_chars(buffer.data(), end, value, std::chars_format::fixed, *digits)
               : std::to_chars(buffer.data(), end, value);
    return {buffer.data(), result.ptr};
}

// A name as one cell of a table.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '|') escaped += '\\';
        escaped += c == '\n' || c == '\r' ? ' ' : c;
    }
    return escaped;
}

std::string row(std::initializer_list<std::string> cells) {
    std::string text = "|";
    for (const std::string& value : cells)
        text += ' ' + value + " |";
    return text + '\n';
}

std::string type_text(const Field& field) {
    return name(field.type) + (field.count == 1 ? "" : '[' + std::to_string(field.count) + ']');
}

// Builds JSON text: values one after the other, with commas where they belong.
class Json {
public:
    Json& open(char bracket) {
        separate_values();
        text_ += bracket;
        after_value_ = false;
        return *this;
    }
    Json& close(char bracket) {
        text_ += bracket;
        after_value_ = true;
        return *this;
    }
    Json& key(std::string_view text) {
        value(text);
        text_ += ": ";
        after_value_ = false;
        return *this;
    }
    Json& value(uint64_t number) { return raw(std::to_string(number)); }
    Json& value(double number) { return raw(decimal(number)); }
    Json& value(std::string_view text) {
        static constexpr std::string_view kHex = "0123456789abcdef";
        std::string quoted = "\"";
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            if (byte < 0x20) {
                quoted += "\\u00";
                quoted += kHex[byte >> 4];
                quoted += kHex[byte & 15];
            } else {
                if (c == '"' || c == '\\') quoted += '\\';
                quoted += c;
            }
        }
        return raw(quoted + '"');
    }
    template <typename T>
    Json& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    [[nodiscard]] std::string text() && { return std::move(text_); }

private:
    Json& raw(std::string_view text) {
        separate_values();
        text_ += text;
        after_value_ = true;
        return *this;
    }
    void separate_values() {
        if (after_value_) text_ += ", ";
    }

    std::string text_;
    bool after_value_ = false;
};

void write_fields(Json& json, const Record& record, const Layout& layout) {
    json.key("fields").open('[');
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const FieldLayout& placed = layout.fields[i];
        json.open('{')
            .member("name", placed.name)
            .member("type", name(record.fields[i].type))
            .member("count", record.fields[i].count)
            .member("offset", placed.offset)
            .member("size", placed.size)
            .member("align", placed.align)
            .member("padding_before", placed.padding_before)
            .close('}');
    }
    json.close(']');
}

}  // namespace

std::string LayoutReport::markdown() const {
    std::string text = "# Record layouts on " + std::string(target_.name) +
                       "\n\nCache line: " + counted(target_.cache_line, "byte") +
                       ". Sizes, offsets and padding in bytes.\n\n";
    text += row({"Record", "Size", "Proposed", "Saved", "Score"}) + "|---|--:|--:|--:|--:|\n";
    for (const Analysis& analysis : analyses_)
        text += row({cell(analysis.record.name), std::to_string(analysis.layout.size),
                     std::to_string(analysis.proposed_layout.size),
                     std::to_string(analysis.saved()), decimal(100 * analysis.score(), 1) + '%'});

    for (const Analysis& analysis : analyses_) {
        const Layout& layout = analysis.layout;
        text += "\n## " + cell(analysis.record.name) + "\n\n" + counted(layout.size, "byte") +
                ", alignment " + std::to_string(layout.align) + ", " +
                counted(layout.cache_lines, "cache line") + ", " +
                counted(layout.padding(), "byte") + " of padding.\n\n" +
                row({"Field", "Type", "Offset", "Size", "Align", "Padding before"}) +
                "|---|---|--:|--:|--:|--:|\n";
        for (std::size_t i = 0; i < layout.fields.size(); ++i) {
            const FieldLayout& field = layout.fields[i];
            text += row({cell(field.name), cell(type_text(analysis.record.fields[i])),
                         std::to_string(field.offset), std::to_string(field.size),
                         std::to_string(field.align), std::to_string(field.padding_before)});
        }
        if (layout.tail_padding != 0)
            text += row({"(tail padding)", "", std::to_string(layout.size - layout.tail_padding),
                         std::to_string(layout.tail_padding), "", ""});
        text += '\n';
        for (const Finding& finding : analysis.findings)
            text += "- " + finding.text + '\n';
        if (analysis.proposed != analysis.record)
            text += "\n```cpp\n" + declaration(analysis.proposed) + "```\n";
    }
    return text;
}

std::string LayoutReport::json() const {
    Json json;
    json.open('{').key("target").open('{');
    json.member("name", target_.name).member("cache_line", target_.cache_line).close('}');
    json.key("records").open('[');
    for (const Analysis& analysis : analyses_) {
        const Layout& layout = analysis.layout;
        json.open('{')
            .member("name", analysis.record.name)
            .member("size", layout.size)
            .member("align", layout.align)
            .member("padding", layout.padding())
            .member("tail_padding", layout.tail_padding)
            .member("cache_lines", layout.cache_lines)
            .member("saved", analysis.saved())
            .member("score", analysis.score());
        write_fields(json, analysis.record, layout);
        json.key("proposed").open('{');
        json.member("size", analysis.proposed_layout.size);
        json.member("align", analysis.proposed_layout.align);
        write_fields(json, analysis.proposed, analysis.proposed_layout);
        json.close('}').key("findings").open('[');
        for (const Finding& finding : analysis.findings) {
            json.open('{').member("kind", name(finding.kind)).key("fields").open('[');
            for (const std::string& field : finding.fields)
                json.value(field);
            json.close(']').member("bytes", finding.bytes).member("text", finding.text).close('}');
        }
        json.close(']').close('}');
    }
    json.close(']').close('}');
    return std::move(json).text() + '\n';
}

void LayoutReport::save(const std::filesystem::path& path) const {
    const std::string text = path.extension() == ".json" ? json() : markdown();
    // Written beside it and then renamed, which replaces the old file in one step or not at all.
    std::filesystem::path partial = path;
    partial += ".partial";
    const auto give_up = [&](const char* what, std::error_code error) {
        std::error_code ignored;
        std::filesystem::remove(partial, ignored);
        throw std::filesystem::filesystem_error(what, path, error);
    };
    const auto last_error = [] {
        return std::error_code(errno == 0 ? EIO : errno, std::generic_category());
    };
    errno = 0;
    std::ofstream file(partial, std::ios::binary | std::ios::trunc);
    if (!file)
        throw std::filesystem::filesystem_error("cannot create the report", path, last_error());
    // A full disk may come to light only when the last buffer is written out: at close.
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.close();
    if (!file) give_up("cannot write the report", last_error());
    std::error_code error;
    std::filesystem::rename(partial, path, error);
    if (error) give_up("cannot put the report in its place", error);
}

}  // namespace cacheline
