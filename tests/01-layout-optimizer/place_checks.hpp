#pragma once

// Layouts as words, and whether the numbers of one fit together.

#include <cstdint>
#include <layout_optimizer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "random_records.hpp"

namespace cacheline {

[[nodiscard]] inline std::string word_of(const Record& record, const Layout& layout) {
    std::vector<std::string> offsets;
    for (std::size_t i = 0; i < std::min(record.fields.size(), layout.fields.size()); ++i)
        offsets.push_back(
            offset_word(record.fields[i], layout.fields[i].offset, layout.fields[i].bit_offset));
    return layout_word(layout.size, layout.align, offsets);
}

/// "size:align:offset,offset,…" by place().
[[nodiscard]] inline std::string word_on(std::string_view name, const Record& record) {
    return word_of(record, place(record, target(name)));
}

[[nodiscard]] inline std::string declarations(const Record& record) {
    std::string text;
    for (const Field& field : record.fields)
        if (const Record* const nested = field.type.record()) text += declarations(*nested);
    return text + declaration(record);
}

/// Do the numbers of a layout fit together? Empty when they do.
[[nodiscard]] inline std::string contradiction(const Record& record, const Layout& layout,
                                               const Target& target) {
    if (layout.fields.size() != record.fields.size()) return "a field is missing";
    const auto differs = [](const std::string& what, std::uint64_t is, std::uint64_t should_be) {
        return what + " is " + std::to_string(is) + " and not " + std::to_string(should_be);
    };
    std::uint64_t end = 0;  // in bits
    for (std::size_t i = 0; i < layout.fields.size(); ++i) {
        const FieldLayout& field = layout.fields[i];
        const std::uint64_t start = 8 * field.offset + field.bit_offset;
        if (field.name != record.fields[i].name) return "field " + field.name + " has a wrong name";
        const std::uint64_t gap = record.is_union ? 0 : start - end;
        if (field.padding_before != gap / 8)
            return differs("padding_before of " + field.name, field.padding_before, gap / 8);
        if (field.bit_padding_before != gap % 8)
            return differs("bit_padding_before of " + field.name, field.bit_padding_before,
                           gap % 8);
        if (field.bits != record.fields[i].bits.value_or(0))
            return "bits of " + field.name + " is " + std::to_string(field.bits);
        if (field.bit_offset > 7) return "bit_offset of " + field.name + " is no bit of a byte";
        const bool is_bit_field = record.fields[i].bits.has_value();
        if (field.align == 0 || (!is_bit_field && field.offset % field.align != 0))
            return "the offset of " + field.name + " is no multiple of its alignment";
        const std::uint64_t bits = is_bit_field ? field.bits : 8 * field.size;
        if (is_bit_field && field.size != (field.bit_offset + bits + 7) / 8)
            return differs("the size of " + field.name, field.size,
                           (field.bit_offset + bits + 7) / 8);
        end = record.is_union ? std::max(end, bits) : start + bits;
    }
    const std::uint64_t tail = 8 * layout.size - end;
    if (layout.tail_padding != tail / 8)
        return differs("tail_padding", layout.tail_padding, tail / 8);
    if (layout.tail_bit_padding != tail % 8)
        return differs("tail_bit_padding", layout.tail_bit_padding, tail % 8);
    const std::uint64_t lines = (layout.size + target.cache_line - 1) / target.cache_line;
    if (layout.cache_lines != lines) return differs("cache_lines", layout.cache_lines, lines);
    const std::uint64_t on_last = layout.size - (lines - 1) * target.cache_line;
    if (layout.last_line_bytes != on_last)
        return differs("last_line_bytes", layout.last_line_bytes, on_last);
    return "";
}

}  // namespace cacheline
