#include "text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace cacheline::grader {
namespace {

constexpr char32_t kInvalid = 0xFFFD;

struct Decoded {
    char32_t character = kInvalid;
    std::size_t length = 1;
};

// The Unicode Standard, table 3-7: no surrogates, no long forms, nothing above U+10FFFF.
Decoded decode(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return {};
    char32_t character = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80) return {};
        character = character << 6 | (byte(i) & 0x3FU);
    }
    constexpr std::array<char32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    const bool valid = character >= kSmallest[length] && character <= 0x10FFFF &&
                       (character < 0xD800 || character > 0xDFFF) && (character & 0xFFFE) != 0xFFFE;
    return valid ? Decoded{character, length} : Decoded{};
}

constexpr bool within(char32_t character, char32_t first, char32_t last) {
    return character >= first && character <= last;
}

// Controls, direction marks and characters without width. The two joiners stay: names need them.
bool is_hidden(char32_t c) {
    return within(c, 0x80, 0x9F) || c == 0x61C || c == 0x200B || within(c, 0x200E, 0x200F) ||
           within(c, 0x2028, 0x202E) || within(c, 0x2060, 0x206F) || c == 0xFEFF ||
           within(c, 0xFFF9, 0xFFFB) || within(c, 0xE0000, 0xE0FFF);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const auto [c, length] = decode(text);
        if (text.starts_with("\r\n")) {
            // The newline follows.
        } else if (c < 0x20 && c != '\n' && c != '\t') {
            result += "\xE2\x90";
            result += static_cast<char>(0x80 + c);
        } else if (c == 0x7F) {
            result += "\u2421";
        } else if (is_hidden(c)) {
            std::array<char, 16> name{};
            std::snprintf(name.data(), name.size(), "[U+%04X]", static_cast<unsigned>(c));
            result += name.data();
        } else if (c == kInvalid) {
            result += "\uFFFD";
        } else {
            result += text.substr(0, length);
        }
        text.remove_prefix(length);
    }
    return result;
}

std::string clipped(const std::string& text, std::size_t limit) {
    if (text.size() <= limit) return text;
    std::size_t end = limit;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80)
        --end;
    return text.substr(0, end) + " … (" + std::to_string(text.size() - end) + " more bytes)";
}

std::string escape_markup(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        switch (c) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            case '\'':
                result += "&#39;";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

std::optional<std::pair<std::string, long>> file_and_line(const std::string& where) {
    const std::size_t colon = where.rfind(':');
    if (colon == std::string::npos || colon == 0) return std::nullopt;
    long line = 0;
    const char* const end = where.data() + where.size();
    const auto [stop, error] = std::from_chars(where.data() + colon + 1, end, line);
    if (error != std::errc() || stop != end || line < 1) return std::nullopt;
    return std::pair(where.substr(0, colon), line);
}

std::string json_text(const nlohmann::ordered_json& value) {
    return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace cacheline::grader
