#pragma once

#include <algorithm>
#include <cstddef>
#include <parse_errors.hpp>
#include <string_view>

// Detect fast, explain slowly: the scan knows only that a record is wrong. To say what and where
// may take its time.

namespace cacheline::zero_copy_detail {

/// The text behind the byte order mark of UTF-8, if it starts with one.
inline std::string_view without_byte_order_mark(std::string_view text) noexcept {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

/// Whether the text starts with a byte order mark of UTF-16.
inline bool is_utf16(std::string_view text) noexcept {
    return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
}

/// Where byte `at` of the text stands.
inline CsvPosition csv_position(std::string_view text, std::size_t at) {
    const std::string_view before = text.substr(0, at);
    const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
    return {lines + 1, before.size() - (before.rfind('\n') + 1) + 1};
}

/// What is wrong with the record that starts at byte `at`, and where. It must be wrong.
inline CsvError csv_fault(std::string_view text, std::size_t at, char delimiter) {
    const auto error = [text](std::size_t where, const char* what) {
        return CsvError(csv_position(text, where), what);
    };
    while (true) {
        if (at < text.size() && text[at] == '"') {
            const std::size_t opening = at;
            do {  // each round ends behind a closing quote; a quote right there is a doubled one
                at = text.find('"', at + 1);
                if (at == std::string_view::npos)
                    return error(opening, "this quote is never closed");
            } while (++at < text.size() && text[at] == '"');
            const bool separated = text[at] == delimiter || text[at] == '\n';
            if (!separated && text.substr(at, 2) != "\r\n")
                return error(at, "text behind a closing quote");
        } else {
            while (text[at] != delimiter && text[at] != '"')
                ++at;
            if (text[at] == '"') return error(at, "a quote inside a field that is not quoted");
        }
        ++at;  // behind the delimiter
    }
}

}  // namespace cacheline::zero_copy_detail
