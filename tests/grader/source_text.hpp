#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cacheline::grader {

/// A piece of C++ source as the compiler takes it apart, so that nothing hides from a search in a
/// comment, a line that is continued, or a literal that looks like code.
struct Token {
    enum class Kind { word, number, literal, symbol };
    Kind kind = Kind::symbol;
    std::string text;  ///< of a literal what it holds; neighbours are joined as the compiler does
    long line = 0;     ///< from 1
    bool directive = false;  ///< on a line that begins with #

    [[nodiscard]] bool is(std::string_view symbol) const {
        return kind == Kind::symbol && text == symbol;
    }
    [[nodiscard]] bool is_word(std::string_view word) const {
        return kind == Kind::word && text == word;
    }
    bool operator==(const Token&) const = default;
};

/// The words of a source (C++20 [lex.phases], 2 and 3, and 6 for literals). Digraphs are replaced
/// by what they stand for; symbols are single characters but for ::, [[, ]] and ##. Never fails:
/// what is broken ends with its line.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace cacheline::grader
