// LayoutReport: what it keeps, and how it says it.

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <utility>

#include "advice.hpp"
#include "decimal.hpp"
#include "json.hpp"
#include "wording.hpp"

namespace cacheline {

using namespace layout_detail;
using std::uint64_t;

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

// A name as one cell of a table.
std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : on_one_line(text)) {
        if (c == '|') escaped += '\\';
        escaped += c;
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
    return name(field.type) + suffix(field);
}

std::string offset_text(const Field& field, const FieldLayout& placed) {
    return std::to_string(placed.offset) +
           (field.bits ? ':' + std::to_string(placed.bit_offset) : "");
}

std::string lines_text(const Layout& layout) {
    std::string lines = counted(layout.cache_lines, "cache line");
    if (layout.cache_lines == 1) return lines;
    return lines + " with " + counted(layout.last_line_bytes, "byte") + " on the last";
}

std::string padding_text(const Layout& layout) {
    const auto in_holes = [](std::size_t holes, std::string_view what) {
        return holes == 0 ? "" : " (" + counted(holes, what) + ')';
    };
    std::string text =
        counted(layout.padding(), "byte") + " of padding" + in_holes(layout.holes(), "hole");
    if (layout.bit_padding() != 0)
        text += " and " + counted(layout.bit_padding(), "bit") +
                in_holes(layout.bit_holes(), "bit hole");
    return text;
}

bool has_bit_fields(const Record& record) {
    return std::ranges::any_of(record.fields,
                               [](const Field& field) { return field.bits.has_value(); });
}

void write_fields(Json& json, const Record& record, const Layout& layout) {
    json.key("fields").open('[');
    for (std::size_t i = 0; i < record.fields.size(); ++i) {
        const Field& field = record.fields[i];
        const FieldLayout& placed = layout.fields[i];
        json.open('{')
            .member("name", placed.name)
            .member("type", name(field.type))
            .member("count", field.flexible ? 0 : field.count)
            .member("offset", placed.offset)
            .member("size", placed.size)
            .member("align", placed.align)
            .member("padding_before", placed.padding_before);
        if (field.bits) json.member("bit_offset", placed.bit_offset).member("bits", placed.bits);
        json.close('}');
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
        text += "\n## " + on_one_line(analysis.record.name) + "\n\n" +
                counted(layout.size, "byte") + ", alignment " + std::to_string(layout.align) +
                ", " + lines_text(layout) + ", " + padding_text(layout) + ".\n\n" +
                row({"Field", "Type", "Offset", "Size", "Align", "Padding before"}) +
                "|---|---|--:|--:|--:|--:|\n";
        for (std::size_t i = 0; i < layout.fields.size(); ++i) {
            const FieldLayout& field = layout.fields[i];
            text += row({cell(field.name), cell(type_text(analysis.record.fields[i])),
                         offset_text(analysis.record.fields[i], field), std::to_string(field.size),
                         std::to_string(field.align), std::to_string(field.padding_before)});
        }
        if (layout.tail_padding != 0)
            text += row({"(tail padding)", "", std::to_string(layout.size - layout.tail_padding),
                         std::to_string(layout.tail_padding), "", ""});
        text += '\n';
        for (const Finding& finding : analysis.findings)
            text += "- " + on_one_line(finding.text) + '\n';
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
            .member("tail_padding", layout.tail_padding);
        if (has_bit_fields(analysis.record)) json.member("bit_padding", layout.bit_padding());
        json.member("cache_lines", layout.cache_lines)
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

}  // namespace cacheline
