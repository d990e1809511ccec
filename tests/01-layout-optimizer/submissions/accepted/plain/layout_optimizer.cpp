// accepted: the plain way: every order tried, up to eight fields, and a sort beyond
#include "layout_optimizer.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <fstream>
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

Bytes declared(const Record& record, Bytes whole, const Target& target);

void check_align(Bytes align, const std::string& who) {
    if (std::popcount(align) > 1)
        throw std::invalid_argument(who + " has the alignment " + std::to_string(align));
}

}  // namespace

Layout place(const Record& record, const Target& target) {
    if (record.fields.empty()) throw std::invalid_argument(record.name + " is empty");
    check_align(record.min_align, record.name);
    Layout layout;
    layout.align = std::max<Bytes>(1, record.min_align);
    Wide end = 0;
    const auto limit = [&](Wide size) {
        if (size > target.max_size()) throw std::length_error(record.name + " is too large");
    };
    for (const Field& field : record.fields) {
        const std::string who = record.name + '.' + field.name;
        check_align(field.min_align, who);
        if (field.count == 0) throw std::invalid_argument(who + " has no elements");
        ScalarLayout type;
        Bytes kept = 1;
        if (const Record* const nested = field.type.record()) {
            const Layout inner = place(*nested, target);
            type = {inner.size, inner.align};
            if (target.packing_keeps_declared_alignment)
                kept = declared(*nested, inner.align, target);
        } else {
            const Scalar* const scalar = field.type.scalar();
            const ScalarLayout* const found = scalar == nullptr ? nullptr : target.find(*scalar);
            if (found == nullptr) throw std::invalid_argument(who + " has an unknown type");
            type = *found;
        }
        const Bytes align = std::max(record.packed ? kept : type.align, field.min_align);
        const Wide offset = (end + align - 1) / align * align;
        limit(offset + Wide{type.size} * field.count);
        layout.fields.push_back({field.name, static_cast<Bytes>(offset), type.size * field.count,
                                 align, static_cast<Bytes>(offset - end)});
        end = offset + Wide{type.size} * field.count;
        layout.align = std::max(layout.align, align);
    }
    limit((end + layout.align - 1) / layout.align * layout.align);
    layout.size = up(static_cast<Bytes>(end), layout.align);
    layout.tail_padding = layout.size - static_cast<Bytes>(end);
    layout.cache_lines = up(layout.size, target.cache_line) / target.cache_line;
    return layout;
}

namespace {

Bytes declared(const Record& record, Bytes whole, const Target& target) {
    Bytes align = record.min_align == 0 ? 1 : whole;
    for (const Field& field : record.fields) {
        align = std::max(align, field.min_align);
        if (const Record* const nested = field.type.record())
            align = std::max(align, declared(*nested, place(*nested, target).align, target));
    }
    return align;
}

bool rivals(const Field& a, const Field& b) {
    const int x = a.access.writer;
    const int y = b.access.writer;
    return x != kNobody && y != kNobody && x != y;
}

std::vector<std::pair<std::size_t, std::size_t>> sharing(const Record& record, const Layout& layout,
                                                         Bytes line) {
    std::vector<std::pair<std::size_t, std::size_t>> pairs;
    const Bytes step = std::min(layout.align, line);
    for (std::size_t i = 0; i < record.fields.size(); ++i)
        for (std::size_t j = i + 1; j < record.fields.size(); ++j) {
            if (!rivals(record.fields[i], record.fields[j])) continue;
            bool meet = false;
            for (Bytes start = 0; start < line; start += step)
                meet =
                    meet || (start + layout.fields[i].offset + layout.fields[i].size - 1) / line ==
                                (start + layout.fields[j].offset) / line;
            if (meet) pairs.emplace_back(i, j);
        }
    return pairs;
}

Bytes hot_lines(const Record& record, const Layout& layout, Bytes line) {
    Bytes count = 0;
    Bytes next = 0;  // the first line that is not yet counted
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        if (!record.fields[i].access.hot) continue;
        const FieldLayout& field = layout.fields[i];
        const Bytes last = (field.offset + field.size - 1) / line;
        const Bytes first = std::max(next, field.offset / line);
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

// Tries each of the fields that are left next, where it falls and on a line of its own.
void extend(const Record& whole, std::vector<bool>& used, Record& part, const Target& target,
            bool apart, Best& best) {
    const Bytes line = target.cache_line;
    if (!part.fields.empty()) {
        const Layout layout = place(part, target);
        if (layout.size > best.cost.first) return;
        if (apart && !sharing(part, layout, line).empty()) return;
        if (part.fields.size() == whole.fields.size()) {
            const auto cost = std::pair(layout.size, hot_lines(part, layout, line));
            if (cost < best.cost) best = {cost, part};
            return;
        }
    }
    for (std::size_t i = 0; i < whole.fields.size(); ++i) {
        if (used[i]) continue;
        used[i] = true;
        part.fields.push_back(whole.fields[i]);
        const bool must = apart && part.fields.size() == 1;
        if (!must) extend(whole, used, part, target, apart, best);
        const bool can = apart || place(whole, target).align >= line;
        Bytes& align = part.fields.back().min_align;
        if ((must || can) && align < line) align = line;
        if (must || can) extend(whole, used, part, target, apart, best);
        part.fields.pop_back();
        used[i] = false;
    }
}

// Each thread's fields together, each group on a line of its own.
Record grouped(const Record& record, const Target& target) {
    Record result = reorder(record, target);
    std::ranges::stable_sort(result.fields, {}, [](const Field& f) { return f.access.writer; });
    for (std::size_t i = 0; i < result.fields.size(); ++i) {
        const bool starts =
            i == 0 || result.fields[i].access.writer != result.fields[i - 1].access.writer;
        Bytes& align = result.fields[i].min_align;
        if (starts) align = std::max(align, target.cache_line);
    }
    return result;
}

}  // namespace

Record reorder(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    std::vector<std::size_t> order(record.fields.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto size = [&] {
        Bytes end = 0;
        for (const std::size_t i : order)
            end = up(end, layout.fields[i].align) + layout.fields[i].size;
        return up(end, layout.align);
    };
    std::vector<std::size_t> best = order;
    Bytes least = size();
    const auto try_it = [&] {
        if (size() >= least) return;
        least = size();
        best = order;
    };
    if (order.size() <= 8) {
        // In the order of the permutations equal fields come in their own order first.
        while (std::ranges::next_permutation(order).found)
            try_it();
    } else {
        std::ranges::stable_sort(order, std::greater(),
                                 [&](std::size_t i) { return layout.fields[i].align; });
        try_it();
    }
    Record result = record;
    for (std::size_t i = 0; i < best.size(); ++i)
        result.fields[i] = record.fields[best[i]];
    return result;
}

Record separate(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    const Bytes line = target.cache_line;
    const bool apart = has_rivals(record);
    const Record fallback = apart ? grouped(record, target) : reorder(record, target);
    const auto cost = [&](const Record& candidate) {
        const Layout placed = place(candidate, target);
        return std::pair(placed.size, hot_lines(candidate, placed, line));
    };
    Best best{cost(fallback), fallback};
    const bool good = !apart || (layout.align >= line && sharing(record, layout, line).empty());
    if (good && cost(record) <= best.cost) best = {cost(record), record};
    if (record.fields.size() <= 8) {
        std::vector<bool> used(record.fields.size(), false);
        Record part = record;
        part.fields.clear();
        extend(record, used, part, target, apart, best);
    }
    return best.record;
}

std::vector<Finding> review(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
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
    Record hot = record;
    hot.fields.clear();
    std::vector<std::string> cold;
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const FieldLayout& field = layout.fields[i];
        if (!record.fields[i].access.hot) {
            cold.push_back(field.name);
            continue;
        }
        hot.fields.push_back(record.fields[i]);
        const Bytes room = line - field.offset % line;
        if (field.size <= line && field.size > room)
            find(FindingKind::kCrossesLine, {field.name}, field.size - room, "On two lines:");
    }
    if (layout.size > line && !hot.fields.empty() && !cold.empty()) {
        hot = separate(hot, target);
        const Layout alone = place(hot, target);
        if (hot_lines(record, layout, line) > hot_lines(hot, alone, line))
            find(FindingKind::kSplit, cold, layout.size - std::min(layout.size, alone.size),
                 "To be moved out:");
    }
    for (const auto& [i, j] : sharing(record, layout, line))
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
        out << "\n## " << a.record.name
            << "\n\n| Field | Offset | Size | Align | Padding |\n|-|-|-|-|-|\n";
        for (const FieldLayout& f : a.layout.fields)
            out << "| " << cell(f.name) << " | " << f.offset << " | " << f.size << " | " << f.align
                << " | " << f.padding_before << " |\n";
        out << '\n';
        for (const Finding& finding : a.findings)
            out << "* " << finding.text << '\n';
        if (a.proposed != a.record) out << "\n~~~\n" << declaration(a.proposed) << "~~~\n";
    }
    return out.str();
}

namespace {

std::string json_text(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        char escape[8] = {c, 0};
        if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 32)
            std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned char>(c));
        result += escape;
    }
    return result + '"';
}

void write(std::ostream& out, const Record& record, const Layout& layout) {
    out << "[";
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
        const FieldLayout& f = layout.fields[i];
        out << (i == 0 ? "\n" : ",\n") << "{\"name\":" << json_text(f.name)
            << ",\"type\":" << json_text(name(record.fields[i].type))
            << ",\"count\":" << record.fields[i].count << ",\"offset\":" << f.offset
            << ",\"size\":" << f.size << ",\"align\":" << f.align
            << ",\"padding_before\":" << f.padding_before << "}";
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
        out << ",\"proposed\":{\"size\":" << a.proposed_layout.size
            << ",\"align\":" << a.proposed_layout.align << ",\"fields\":";
        write(out, a.proposed, a.proposed_layout);
        out << "},\"findings\":[";
        for (const Finding& finding : a.findings) {
            out << (&finding == a.findings.data() ? "" : ",")
                << "{\"kind\":" << json_text(name(finding.kind)) << ",\"fields\":[";
            for (const std::string& field : finding.fields)
                out << (&field == finding.fields.data() ? "" : ",") << json_text(field);
            out << "],\"bytes\":" << finding.bytes << ",\"text\":" << json_text(finding.text) << "}";
        }
        out << "]}";
        comma = ",";
    }
    out << "]}";
    return out.str();
}

void LayoutReport::save(const std::filesystem::path& path) const {
    namespace fs = std::filesystem;
    const fs::path draft = path.string() + "~";
    std::error_code error = std::make_error_code(std::errc::io_error);
    std::ofstream out(draft, std::ios::binary);
    out << (path.extension() == ".json" ? json() : markdown());
    out.close();
    if (out) fs::rename(draft, path, error);
    if (!error) return;
    std::error_code ignored;
    fs::remove(draft, ignored);
    throw fs::filesystem_error("the report was not saved", path, error);
}

}  // namespace cacheline
