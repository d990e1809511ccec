// accepted: the plain way: every order tried, up to eight fields, and a sort beyond
#include "layout_optimizer.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iomanip>
#include <locale>
#include <map>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace cacheline {
namespace {

using Bytes = std::uint64_t;
__extension__ using Wide = unsigned __int128;  // in which nothing here can overflow

Bytes up(Bytes value, Bytes align) {
    return (value + align - 1) / align * align;
}

void check_align(Bytes align, const std::string& who) {
    if (std::popcount(align) > 1)
        throw std::invalid_argument(who + " has the alignment " + std::to_string(align));
}

struct Inner {
    Bytes size = 0;
    Bytes align = 1;
    Bytes kept = 1;  // of the alignment, where the record around it is packed
};

bool nameless(const Field& field) {
    return field.bits && field.name.empty();
}

void check_parts(const Record& record, const Field& field, Bytes size) {
    const std::string who = record.name + '.' + field.name;
    if (field.bits) {
        const Scalar* const type = field.type.scalar();
        const bool integer = type != nullptr && *type != Scalar::kFloat &&
                             *type != Scalar::kDouble && *type != Scalar::kLongDouble &&
                             *type != Scalar::kPointer;
        if (!integer || field.count != 1 || field.flexible)
            throw std::invalid_argument(who + " is no bit-field");
        if (*field.bits > (*type == Scalar::kBool ? 1 : 8 * size))
            throw std::invalid_argument(who + " is too wide");
        if (*field.bits == 0 && (!field.name.empty() || field.min_align != 0))
            throw std::invalid_argument(who + " has no bits");
    } else if (field.flexible) {
        const auto others = std::ranges::count_if(record.fields, std::not_fn(nameless));
        if (record.is_union || &field != &record.fields.back() || others < 2)
            throw std::invalid_argument(who + " cannot be flexible");
    } else if (field.count == 0) {
        throw std::invalid_argument(who + " has no elements");
    }
}

// All positions are in bits.
Layout lay_out(const Record& record, const Target& target, std::map<const Record*, Inner>& seen,
               Bytes& kept_of_record) {
    if (std::ranges::all_of(record.fields, nameless))
        throw std::invalid_argument(record.name + " is empty");
    check_align(record.min_align, record.name);
    check_align(record.pack, record.name);
    const bool microsoft = target.bit_fields == BitFieldRule::kMicrosoft;
    const Bytes pack = microsoft && record.pack > 8 ? 0 : record.pack;
    Layout layout;
    layout.align = std::max<Bytes>(1, record.min_align);
    Wide end = 0;    // behind the last field
    Wide free = 0;   // where the next may start
    Bytes unit = 0;  // Microsoft's open unit
    Wide unit_end = 0;
    const auto limit = [&](Wide bits) {
        if (bits > Wide{target.max_size()} * 8)
            throw std::length_error(record.name + " is too large");
    };
    const auto round = [](Wide at, Wide align) { return (at + align - 1) / align * align; };
    for (const Field& field : record.fields) {
        const std::string who = record.name + '.' + field.name;
        check_align(field.min_align, who);
        if (!known_on(field, target))
            throw std::invalid_argument(who + " is only known on " + field.seen_on);
        Inner type;
        if (const Record* const nested = field.type.record()) {
            if (!nested->fields.empty() && nested->fields.back().flexible)
                throw std::invalid_argument(who + " ends in a flexible array");
            if (!seen.contains(nested)) {
                Bytes kept = 1;
                const Layout inner = lay_out(*nested, target, seen, kept);
                seen[nested] = {inner.size, inner.align, kept};
            }
            type = seen[nested];
        } else {
            const Scalar* const scalar = field.type.scalar();
            const ScalarLayout* const found = scalar == nullptr ? nullptr : target.find(*scalar);
            if (found == nullptr) throw std::invalid_argument(who + " has an unknown type");
            type = {found->size, found->align};
        }
        check_parts(record, field, type.size);
        const bool packed = record.packed || field.packed;
        Bytes align = type.align;  // in bytes, but 0 for that of one bit
        Wide start = record.is_union ? 0 : free;
        Wide length = 0;
        if (!field.bits) {
            const Bytes kept = target.packing_keeps_declared_alignment ? type.kept : 1;
            if (packed) align = kept;
            if (pack != 0 && microsoft)
                align = std::max({std::min(align, pack), kept, field.min_align});
            else
                align = std::max(align, field.min_align);
            if (pack != 0 && !microsoft) align = std::min(align, pack);
            start = record.is_union ? 0 : round(free, Wide{align} * 8);
            length = Wide{type.size} * 8 * (field.flexible ? 0 : field.count);
            kept_of_record = std::max({kept_of_record, field.min_align, type.kept});
            unit = 0;
        } else if (microsoft) {
            length = *field.bits;
            if (packed) align = 1;
            if (pack != 0) align = std::min(align, pack);
            align = std::max(align, field.min_align);
            const bool open = unit != 0;
            if (record.is_union) {
                align = 1;
                start = 0;
                if (length != 0 || open) free = std::max(free, Wide{type.size} * 8);
                unit = length == 0 ? 0 : type.size;
            } else if (length == 0) {
                start = open ? round(free, Wide{align} * 8) : round(free, 8);
                if (!open) align = 1;
                unit = 0;
                free = start;
            } else if (unit == type.size && end + length <= unit_end) {
                start = end;
                align = 1;
            } else {
                start = round(free, Wide{align} * 8);
                unit = type.size;
                unit_end = start + Wide{unit} * 8;
                free = unit_end;
            }
        } else {
            length = *field.bits;
            const bool limited = pack != 0 && length != 0;
            if (packed && length != 0 && !limited) align = 0;
            align = std::max(align, field.min_align);
            if (limited) align = std::min(align, pack);
            const Wide bits = std::max<Wide>(1, Wide{align} * 8);
            if (length == 0 || (!limited && start % bits + length > Wide{type.size} * 8))
                start = round(start, bits);
            else if (field.min_align != 0 && (!limited || field.min_align <= pack))
                start = round(start, Wide{field.min_align} * 8);
            if (field.name.empty() && target.bit_fields != BitFieldRule::kArm) align = 1;
        }
        limit(start + length);
        const Wide gap = record.is_union ? 0 : start - end;
        FieldLayout placed;
        placed.name = field.name;
        placed.offset = static_cast<Bytes>(start / 8);
        placed.bit_offset = static_cast<Bytes>(start % 8);
        placed.bits = field.bits.value_or(0);
        placed.size = static_cast<Bytes>((start % 8 + length + 7) / 8);
        placed.align = std::max<Bytes>(1, align);
        placed.padding_before = static_cast<Bytes>(gap / 8);
        placed.bit_padding_before = static_cast<Bytes>(gap % 8);
        layout.align = std::max(layout.align, placed.align);
        layout.fields.push_back(std::move(placed));
        end = record.is_union ? std::max(end, start + length) : start + length;
        free = record.is_union || (field.bits && microsoft) ? std::max(free, end) : end;
        if (!field.bits) free = round(free, 8);
    }
    const Wide size = round(free, Wide{layout.align} * 8);
    limit(size);
    layout.size = static_cast<Bytes>(size / 8);
    layout.tail_padding = static_cast<Bytes>((size - end) / 8);
    layout.tail_bit_padding = static_cast<Bytes>((size - end) % 8);
    layout.cache_lines = up(layout.size, target.cache_line) / target.cache_line;
    layout.last_line_bytes = layout.size - (layout.cache_lines - 1) * target.cache_line;
    if (record.min_align != 0) kept_of_record = std::max(kept_of_record, layout.align);
    return layout;
}

}  // namespace

Layout place(const Record& record, const Target& target) {
    std::map<const Record*, Inner> seen;
    Bytes kept = 1;
    return lay_out(record, target, seen, kept);
}

namespace {

// A field, or bit-fields side by side, which stay together.
struct Part {
    std::vector<Field> fields;
    bool run = false;
};

std::vector<Part> parts_of(const Record& record) {
    std::vector<Part> parts;
    for (const Field& field : record.fields) {
        if (parts.empty() || !field.bits || !parts.back().run)
            parts.push_back({{}, field.bits.has_value()});
        parts.back().fields.push_back(field);
    }
    return parts;
}

// Do no two runs meet, and does what is flexible come last?
bool allowed(const std::vector<Part>& parts) {
    for (std::size_t i = 0; i + 1 < parts.size(); ++i)
        if ((parts[i].run && parts[i + 1].run) || parts[i].fields[0].flexible) return false;
    return true;
}

Record joined(const Record& record, const std::vector<Part>& parts) {
    Record result = record;
    result.fields.clear();
    for (const Part& part : parts)
        result.fields.insert(result.fields.end(), part.fields.begin(), part.fields.end());
    return result;
}

void align_to_line(Part& part, Bytes line) {
    for (Field& field : part.fields) {
        if (field.bits == Bytes{0}) continue;
        field.min_align = std::max(field.min_align, line);
        return;
    }
}

// First and last byte of each field's part.
std::vector<std::pair<Bytes, Bytes>> extents(const Record& record, const Layout& layout) {
    std::vector<std::pair<Bytes, Bytes>> result;
    std::size_t i = 0;
    for (const Part& part : parts_of(record)) {
        std::pair<Bytes, Bytes> bytes(layout.fields[i].offset, layout.fields[i].offset);
        bool first = true;
        for (std::size_t k = i; k < i + part.fields.size(); ++k) {
            if (layout.fields[k].size == 0) continue;
            if (first) bytes.first = layout.fields[k].offset;
            first = false;
            bytes.second = layout.fields[k].offset + layout.fields[k].size - 1;
        }
        for (std::size_t k = 0; k < part.fields.size(); ++k)
            result.push_back(bytes);
        i += part.fields.size();
    }
    return result;
}

bool rivals(const Field& a, const Field& b) {
    if (nameless(a) || nameless(b)) return false;
    const int x = a.access.writer;
    const int y = b.access.writer;
    return x != kNobody && y != kNobody && x != y;
}

std::vector<std::size_t> part_numbers(const Record& record) {
    std::vector<std::size_t> numbers;
    std::size_t number = 0;
    for (const Part& part : parts_of(record)) {
        numbers.insert(numbers.end(), part.fields.size(), number);
        ++number;
    }
    return numbers;
}

std::vector<std::pair<std::size_t, std::size_t>> sharing(const Record& record, const Layout& layout,
                                                         Bytes line, bool within_runs) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const Bytes step = std::min(layout.align, line);
    const auto bytes = extents(record, layout);
    const auto number = part_numbers(record);
    for (std::size_t i = 0; i < record.fields.size(); ++i)
        for (std::size_t j = i + 1; j < record.fields.size(); ++j) {
            if (!rivals(record.fields[i], record.fields[j])) continue;
            bool meet = number[i] == number[j];
            if (meet && !within_runs) continue;
            for (Bytes start = 0; start < line; start += step)
                meet = meet || (start + bytes[i].second) / line == (start + bytes[j].first) / line;
            if (meet) pairs.emplace_back(i, j);
        }
    return pairs;
}

Bytes hot_lines(const Record& record, const Layout& layout, Bytes line) {
    Bytes count = 0;
    Bytes next = 0;  // the first line that is not yet counted
    const auto bytes = extents(record, layout);
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (!record.fields[i].access.hot || nameless(record.fields[i])) continue;
        const Bytes last = bytes[i].second / line;
        const Bytes first = std::max(next, bytes[i].first / line);
        if (last + 1 > first) count += last + 1 - first;
        next = std::max(next, last + 1);
    }
    return count;
}

bool has_rivals(const Record& record) {
    for (const Field& a : record.fields)
        for (const Field& b : record.fields)
            if (rivals(a, b)) return true;
    return false;
}

// Size and hot lines of the best so far, and the record that has them.
struct Best {
    std::pair<Bytes, Bytes> cost;
    Record record;
};

// Tries each of the parts that are left next, where it falls and on a line of its own.
void extend(const Record& whole, const std::vector<Part>& all, std::vector<bool>& used,
            std::vector<Part>& taken, const Target& target, bool apart, bool can, Best& best) {
    const Bytes line = target.cache_line;
    const bool complete = taken.size() == all.size();
    const bool placeable =
        !taken.empty() && (complete || !std::ranges::all_of(taken, [](const Part& part) {
                               return std::ranges::all_of(part.fields, nameless);
                           }));
    if (!allowed(taken)) return;
    if (placeable) {
        const Record part = joined(whole, taken);
        const Layout layout = place(part, target);
        if (layout.size > best.cost.first) return;
        if (apart && !sharing(part, layout, line, false).empty()) return;
        if (complete) {
            const auto cost = std::pair(layout.size, hot_lines(part, layout, line));
            if (cost < best.cost) best = {cost, part};
            return;
        }
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (used[i] || (all[i].fields[0].flexible && taken.size() + 1 < all.size())) continue;
        used[i] = true;
        taken.push_back(all[i]);
        extend(whole, all, used, taken, target, apart, can, best);
        if (can) {
            align_to_line(taken.back(), line);
            extend(whole, all, used, taken, target, apart, can, best);
        }
        taken.pop_back();
        used[i] = false;
    }
}

// Each thread's fields together, each group on a line of its own, and what fits behind it.
Record grouped(const Record& record, const Target& target) {
    const Bytes line = target.cache_line;
    const Layout layout = place(record, target);
    struct Item {
        Part part;
        Bytes size;
        Bytes align;
        int writer;
    };
    std::vector<Item> items;
    std::size_t at = 0;
    for (const Part& part : parts_of(record)) {
        Item item{part, 0, 1, part.fields[0].access.writer};
        for (std::size_t i = at; i < at + part.fields.size(); ++i) {
            item.align = std::max(item.align, layout.fields[i].align);
            if (!nameless(record.fields[i]) && item.writer == kNobody)
                item.writer = record.fields[i].access.writer;
        }
        const FieldLayout& last = layout.fields[at + part.fields.size() - 1];
        item.size = last.offset + last.size - layout.fields[at].offset;
        at += part.fields.size();
        items.push_back(item);
    }
    std::ranges::stable_sort(items, std::greater(), [](const Item& item) {
        return std::pair(!item.part.fields[0].flexible, item.align);
    });
    std::vector<Item> free;
    std::map<int, std::vector<Item>> groups;
    for (const Item& item : items)
        (item.writer == kNobody ? free : groups[item.writer]).push_back(item);
    std::vector<Part> parts;
    Bytes end = 0;
    const auto put = [&](const Item& item) {
        end = up(end, item.align) + item.size;
        parts.push_back(item.part);
    };
    for (const auto& [writer, group] : groups) {
        end = up(end, std::max(line, group[0].align));
        for (const Item& item : group) {
            put(item);
            if (&item == group.data()) align_to_line(parts.back(), line);
        }
        for (bool found = true; found;) {
            found = false;
            std::size_t best = 0;
            for (std::size_t i = 0; i < free.size(); ++i)
                if (up(end, free[i].align) + free[i].size <= up(end, line) &&
                    (!found || free[i].size > free[best].size)) {
                    found = true;
                    best = i;
                }
            if (!found) break;
            put(free[best]);
            free.erase(free.begin() + static_cast<std::ptrdiff_t>(best));
        }
    }
    for (const Item& item : free)
        put(item);
    return allowed(parts) ? joined(record, parts) : record;
}

}  // namespace

Record reorder(const Record& record, const Target& target) {
    Layout layout = place(record, target);
    if (record.is_union) return record;
    const std::vector<Part> parts = parts_of(record);
    std::vector<std::size_t> order(parts.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Best best{{layout.size, 0}, record};
    const auto try_it = [&] {
        std::vector<Part> candidate;
        for (const std::size_t i : order)
            candidate.push_back(parts[i]);
        if (!allowed(candidate)) return;
        const Record tried = joined(record, candidate);
        const Bytes size = place(tried, target).size;
        if (size < best.cost.first) best = {{size, 0}, tried};
    };
    // Without runs an order is measured without being made.
    const bool simple = parts.size() == record.fields.size() && !record.fields[0].bits &&
                        !record.fields.back().bits && !record.fields.back().flexible &&
                        std::ranges::none_of(parts, &Part::run);
    const auto size = [&] {
        Bytes end = 0;
        for (const std::size_t i : order)
            end = up(end, layout.fields[i].align) + layout.fields[i].size;
        return up(end, layout.align);
    };
    if (parts.size() <= 8) {
        // In the order of the permutations equal fields come in their own order first.
        while (std::ranges::next_permutation(order).found)
            if (!simple || size() < best.cost.first) try_it();
    } else if (parts.size() == record.fields.size()) {
        std::ranges::stable_sort(order, std::greater(), [&](std::size_t i) {
            return std::pair(!record.fields[i].flexible, layout.fields[i].align);
        });
        try_it();
    }
    return best.record;
}

Record separate(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    if (record.is_union) return record;
    const Bytes line = target.cache_line;
    const bool apart = has_rivals(record);
    Record aligned = record;
    if (apart) aligned.min_align = std::max(aligned.min_align, layout.align < line ? line : 0);
    const bool limited =
        record.pack != 0 && record.pack < line && target.bit_fields != BitFieldRule::kMicrosoft;
    Best best{{~Bytes{0}, 0}, record};
    const auto consider = [&](const Record& candidate, bool or_equal) {
        const Layout placed = place(candidate, target);
        if (apart && (placed.align < line || !sharing(candidate, placed, line, false).empty()))
            return;
        const auto cost = std::pair(placed.size, hot_lines(candidate, placed, line));
        if (cost < best.cost || (or_equal && cost == best.cost)) best = {cost, candidate};
    };
    if (apart && !limited) consider(grouped(aligned, target), false);
    if (!apart) consider(reorder(record, target), false);
    consider(record, true);
    const std::vector<Part> parts = parts_of(record);
    if (parts.size() <= 8) {
        std::vector<bool> used(parts.size(), false);
        std::vector<Part> taken;
        const bool can = !limited && place(aligned, target).align >= line;
        extend(aligned, parts, used, taken, target, apart, can, best);
    }
    return best.record;
}

std::vector<Finding> review(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    if (record.is_union) return {{FindingKind::kNothing, {}, 0, "All is well"}};
    const Bytes line = target.cache_line;
    const Record better = separate(record, target);
    const Bytes better_size = place(better, target).size;
    std::vector<Finding> findings;
    const auto find = [&](FindingKind kind, std::vector<std::string> fields, Bytes bytes,
                          const char* what) {
        std::string text = what;
        for (const std::string& field : fields)
            text += ' ' + field;
        text += " (" + std::to_string(bytes) + " bytes)";
        findings.push_back({kind, std::move(fields), bytes, text});
    };
    if (better_size < layout.size) {
        std::vector<std::string> names;
        for (const Field& field : better.fields)
            names.push_back(field.name);
        find(FindingKind::kReorder, names, layout.size - better_size, "A smaller order:");
    }
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const FieldLayout& field = layout.fields[i];
        const Bytes room = line - field.offset % line;
        if (record.fields[i].access.hot && field.size <= line && field.size > room)
            find(FindingKind::kCrossesLine, {field.name}, field.size - room, "On two lines:");
    }
    Record hot = record;
    hot.fields.clear();
    std::vector<std::string> cold;
    bool real_hot = false;
    bool real_cold = false;
    for (const Part& part : parts_of(record)) {
        const bool is_hot = std::ranges::any_of(
            part.fields, [](const Field& field) { return field.access.hot && !nameless(field); });
        (is_hot ? real_hot : real_cold) |= !part.fields[0].flexible;
        for (const Field& field : part.fields) {
            if (is_hot) hot.fields.push_back(field);
            if (!is_hot) cold.push_back(field.name);
        }
    }
    if (layout.size > line && real_hot && real_cold) {
        hot = separate(hot, target);
        const Layout alone = place(hot, target);
        if (hot_lines(record, layout, line) > hot_lines(hot, alone, line))
            find(FindingKind::kSplit, cold, layout.size - std::min(layout.size, alone.size),
                 "To be moved out:");
    }
    for (const auto& [i, j] : sharing(record, layout, line, true))
        find(FindingKind::kFalseSharing, {record.fields[i].name, record.fields[j].name},
             layout.fields[j].offset - layout.fields[i].offset, "False sharing:");
    if (findings.empty()) find(FindingKind::kNothing, {}, 0, "All is well");
    return findings;
}

void LayoutReport::add(const Record& record) {
    Record proposed = separate(record, target_);
    Layout proposed_layout = place(proposed, target_);
    analyses_.push_back({record, place(record, target_), std::move(proposed),
                         std::move(proposed_layout), review(record, target_)});
}

void LayoutReport::add(std::span<const Record> records) {
    LayoutReport copy = *this;
    for (const Record& record : records)
        copy.add(record);
    *this = std::move(copy);
}

std::string LayoutReport::markdown() const {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    const auto cell = [](std::string text) {
        text = on_one_line(text);
        for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2)
            text.insert(at, "\\");
        return text;
    };
    out << "Layouts for " << target_.name << " with lines of " << target_.cache_line
        << " bytes\n\n| Name | Size | Proposed | Saved | Score |\n|-|-|-|-|-|\n"
        << std::fixed << std::setprecision(1);
    for (const Analysis& a : analyses_)
        out << "| " << cell(a.record.name) << " | " << a.layout.size << " | "
            << a.proposed_layout.size << " | " << a.saved() << " | " << 100 * a.score() << "% |\n";
    for (const Analysis& a : analyses_) {
        out << "\n## " << on_one_line(a.record.name) << "\n\nLines: " << a.layout.cache_lines
            << ", bytes on the last: " << a.layout.last_line_bytes
            << ", padding: " << a.layout.padding() << " bytes and " << a.layout.bit_padding()
            << " bits, holes: " << a.layout.holes() << " and " << a.layout.bit_holes()
            << "\n\n| Field | Offset | Size | Align | Padding |\n|-|-|-|-|-|\n";
        for (const FieldLayout& f : a.layout.fields)
            out << "| " << cell(f.name) << " | " << f.offset
                << (f.bits == 0 ? "" : ':' + std::to_string(f.bit_offset)) << " | " << f.size
                << " | " << f.align << " | " << f.padding_before << " |\n";
        out << '\n';
        for (const Finding& finding : a.findings)
            out << "* " << on_one_line(finding.text) << '\n';
        if (a.proposed != a.record) out << "\n~~~\n" << declaration(a.proposed) << "~~~\n";
    }
    return out.str();
}

namespace {

// The bytes of the UTF-8 character at the start, decoded by hand; 0 where there is none.
std::size_t character(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc0 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf8 ? 4
                                             : 0;
    if (length > text.size()) return 0;
    unsigned code = length < 2 ? lead : lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if ((byte & 0xc0) != 0x80) return 0;
        code = code << 6 | (byte & 0x3fU);
    }
    constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    const bool good =
        code >= kLeast[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return good ? length : 0;
}

std::string json_text(std::string_view text) {
    std::string result = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = character(text.substr(at));
        char escape[8] = {};
        const auto c = static_cast<unsigned char>(text[at]);
        if (length == 1 && (c == '"' || c == '\\' || c < 32))
            std::snprintf(escape, sizeof escape, "\\u%04x", c);
        result += escape;
        if (length == 0) result += "\xef\xbf\xbd";
        if (*escape == 0) result += text.substr(at, length);
        at += std::max<std::size_t>(length, 1);
    }
    return result + '"';
}

void write(std::ostream& out, const Record& record, const Layout& layout) {
    out << "[";
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
        const FieldLayout& f = layout.fields[i];
        out << (i == 0 ? "\n" : ",\n") << "{\"name\":" << json_text(f.name)
            << ",\"type\":" << json_text(name(record.fields[i].type))
            << ",\"count\":" << (record.fields[i].flexible ? 0 : record.fields[i].count)
            << ",\"offset\":" << f.offset << ",\"size\":" << f.size << ",\"align\":" << f.align
            << ",\"padding_before\":" << f.padding_before;
        if (record.fields[i].bits)
            out << ",\"bit_offset\":" << f.bit_offset << ",\"bits\":" << f.bits;
        out << "}";
    }
    out << "]";
}

}  // namespace

std::string LayoutReport::json() const {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    out << std::setprecision(17) << "{\"target\":{\"name\":" << json_text(target_.name)
        << ",\"cache_line\":" << target_.cache_line << "},\"records\":[";
    const char* comma = "";
    for (const Analysis& a : analyses_) {
        out << comma << "{\"name\":" << json_text(a.record.name) << ",\"size\":" << a.layout.size
            << ",\"align\":" << a.layout.align << ",\"padding\":" << a.layout.padding()
            << ",\"tail_padding\":" << a.layout.tail_padding
            << ",\"cache_lines\":" << a.layout.cache_lines << ",\"saved\":" << a.saved()
            << ",\"score\":" << a.score() << ",\"fields\":";
        write(out, a.record, a.layout);
        const auto is_bit_field = [](const Field& field) { return field.bits.has_value(); };
        if (std::ranges::any_of(a.record.fields, is_bit_field))
            out << ",\"bit_padding\":" << a.layout.bit_padding();
        out << ",\"proposed\":{\"size\":" << a.proposed_layout.size
            << ",\"align\":" << a.proposed_layout.align << ",\"fields\":";
        write(out, a.proposed, a.proposed_layout);
        out << "},\"findings\":[";
        for (const Finding& finding : a.findings) {
            out << (&finding == a.findings.data() ? "" : ",")
                << "{\"kind\":" << json_text(name(finding.kind)) << ",\"fields\":[";
            for (const std::string& field : finding.fields)
                out << (&field == finding.fields.data() ? "" : ",") << json_text(field);
            out << "],\"bytes\":" << finding.bytes << ",\"text\":" << json_text(finding.text)
                << "}";
        }
        out << "]}";
        comma = ",";
    }
    out << "]}";
    return out.str();
}

void LayoutReport::save(const std::filesystem::path& path) const {
    namespace fs = std::filesystem;
    // A folder of its own beside the file: mkdir makes it or says that the name is taken.
    fs::path folder;
    std::error_code error;
    for (int i = 0; folder.empty() && !error; ++i) {
        fs::path name = path;
        name.replace_filename("draft" + std::to_string(i));
        if (fs::create_directory(name, error)) folder = name;
        if (error == std::errc::file_exists || error == std::errc::not_a_directory) error.clear();
        if (!fs::is_directory(path.parent_path().empty() ? "." : path.parent_path()))
            error = std::make_error_code(std::errc::no_such_file_or_directory);
    }
    if (!error) {
        error = std::make_error_code(std::errc::io_error);
        const fs::path draft = folder / "draft";
        std::ofstream out(draft, std::ios::binary);
        out << (path.string().ends_with(".json") ? json() : markdown());
        out.close();
        if (out) fs::rename(draft, path, error);
        std::error_code ignored;
        fs::remove_all(folder, ignored);
    }
    if (error) throw fs::filesystem_error("the report was not saved", path, error);
}

}  // namespace cacheline
