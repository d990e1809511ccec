#include "source_text.hpp"

#include <cctype>

namespace cacheline::grader {

SourceText::SourceText(std::string_view text) {
    enum class Part { code, line_comment, block_comment, string, character, raw };
    Part part = Part::code;
    std::string raw_end;
    const auto put = [&](char c) {
        const bool literal = part == Part::string || part == Part::character || part == Part::raw;
        code_ += c == '\n' || part == Part::code ? c : ' ';
        literals_ += c == '\n' || literal ? c : ' ';
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        const bool escaped = c == '\\' && next != '\0';
        switch (part) {
            case Part::code:
                if (c == '/' && (next == '/' || next == '*')) {
                    part = next == '/' ? Part::line_comment : Part::block_comment;
                    put(' ');
                    ++i;
                    put(' ');
                    continue;
                }
                put(c);
                if (c == '"' && i > 0 && text[i - 1] == 'R') {
                    const std::size_t open = text.find('(', i);
                    if (open == std::string_view::npos) continue;
                    raw_end = ")" + std::string(text.substr(i + 1, open - i - 1)) + "\"";
                    part = Part::raw;
                } else if (c == '"') {
                    part = Part::string;
                } else if (c == '\'' &&
                           (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1])))) {
                    part = Part::character;  // and not the separator in 1'000
                }
                continue;
            case Part::line_comment:
                if (c == '\n' && (i == 0 || text[i - 1] != '\\')) part = Part::code;
                break;
            case Part::block_comment:
                if (c == '*' && next == '/') {
                    put(' ');
                    ++i;
                    put(' ');
                    part = Part::code;
                    continue;
                }
                break;
            case Part::string:
            case Part::character:
                if (escaped) {
                    put(c);
                    put(text[++i]);
                    continue;
                }
                if (c == (part == Part::string ? '"' : '\'') || c == '\n') part = Part::code;
                break;
            case Part::raw:
                if (text.substr(i).starts_with(raw_end)) {
                    for (std::size_t j = 0; j + 1 < raw_end.size(); ++j)
                        put(text[i + j]);
                    i += raw_end.size() - 1;
                    part = Part::code;
                    put('"');
                    continue;
                }
                break;
        }
        put(c);
    }
}

}  // namespace cacheline::grader
