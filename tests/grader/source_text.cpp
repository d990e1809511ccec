#include "source_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cacheline::grader {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kSymbols = {{{"%:%:", "##"},
                                                                                     {"%:", "#"},
                                                                                     {"<:", "["},
                                                                                     {":>", "]"},
                                                                                     {"<%", "{"},
                                                                                     {"%>", "}"},
                                                                                     {"::", "::"},
                                                                                     {"[[", "[["},
                                                                                     {"]]", "]]"},
                                                                                     {"##", "##"}}};

constexpr std::array<std::string_view, 4> kPrefixes = {"u8", "u", "U", "L"};

bool digit(char c) {
    return c >= '0' && c <= '9';
}

// Bytes above 127 belong to names: the compiler takes letters of any script.
bool letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) > 127;
}

class Lexer {
public:
    explicit Lexer(std::string_view source) : source_(source) {}

    std::vector<Token> run() {
        while (!at_end()) {
            const char c = peek();
            if (c == '\n') {
                take();
                directive_ = false;
                fresh_line_ = true;
            } else if (c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f' || c == '\0') {
                take();
            } else if (!skip_comment()) {
                take_token();
                fresh_line_ = false;
            }
        }
        return std::move(tokens_);
    }

private:
    // A backslash at the end of a line, and spaces behind it, continue the line.
    void skip_splices() {
        while (at_ < source_.size() && source_[at_] == '\\') {
            std::size_t end = at_ + 1;
            while (end < source_.size() &&
                   (source_[end] == ' ' || source_[end] == '\t' || source_[end] == '\r'))
                ++end;
            if (end >= source_.size() || source_[end] != '\n') return;
            at_ = end + 1;
            ++line_;
        }
    }

    bool at_end() {
        skip_splices();
        return at_ >= source_.size();
    }

    char peek() {
        skip_splices();
        return at_ < source_.size() ? source_[at_] : '\n';
    }

    char take() {
        const char c = peek();
        if (at_ < source_.size()) ++at_;
        if (c == '\n') ++line_;
        return c;
    }

    // What follows, without splices; nothing is taken.
    std::string ahead(std::size_t count) {
        const std::size_t at = at_;
        const long line = line_;
        std::string text;
        while (text.size() < count && !at_end())
            text += take();
        at_ = at;
        line_ = line;
        return text;
    }

    bool skip_comment() {
        const std::string two = ahead(2);
        if (two == "//") {
            while (!at_end() && peek() != '\n')
                take();
            return true;
        }
        if (two != "/*") return false;
        take();
        take();
        char last = ' ';
        while (!at_end()) {
            const char c = take();
            if (last == '*' && c == '/') break;
            last = c;
        }
        return true;
    }

    void add(Token::Kind kind, std::string text, long line) {
        if (kind == Token::Kind::literal && !tokens_.empty() &&
            tokens_.back().kind == Token::Kind::literal && tokens_.back().directive == directive_)
            tokens_.back().text += text;
        else
            tokens_.push_back(
                {.kind = kind, .text = std::move(text), .line = line, .directive = directive_});
    }

    void take_token() {
        const long line = line_;
        const char c = peek();
        if (letter(c)) {
            take_word(line);
        } else if (digit(c) || (c == '.' && ahead(2).size() == 2 && digit(ahead(2)[1]))) {
            add(Token::Kind::number, take_number(), line);
        } else if (c == '"' || c == '\'') {
            add(Token::Kind::literal, take_literal(), line);
        } else {
            take_symbol(line);
        }
    }

    void take_word(long line) {
        std::string word;
        while (!at_end() && (letter(peek()) || digit(peek())))
            word += take();
        const char next = peek();
        const bool raw = word.ends_with('R') && next == '"';
        const std::string_view prefix =
            std::string_view(word).substr(0, word.size() - (raw ? 1 : 0));
        const bool known = std::ranges::find(kPrefixes, prefix) != kPrefixes.end();
        if (raw && (known || prefix.empty()))
            add(Token::Kind::literal, take_raw(), line);
        else if (known && !raw && (next == '"' || next == '\''))
            add(Token::Kind::literal, take_literal(), line);
        else
            add(Token::Kind::word, std::move(word), line);
    }

    // [lex.ppnumber]: 1'000, 0x1p-3, 1.5e+7, and whatever else begins so.
    std::string take_number() {
        std::string text;
        while (!at_end()) {
            const char c = peek();
            const bool sign = (c == '+' || c == '-') && !text.empty() &&
                              std::string_view("eEpP").find(text.back()) != std::string_view::npos;
            const std::string two = c == '\'' ? ahead(2) : std::string();
            const bool separator = two.size() == 2 && (letter(two[1]) || digit(two[1]));
            if (!letter(c) && !digit(c) && c != '.' && !sign && !separator) break;
            text += take();
        }
        return text;
    }

    std::string take_literal() {
        const char quote = take();
        std::string text;
        while (!at_end() && peek() != '\n') {
            const char c = take();
            if (c == quote) break;
            text += c;
            if (c == '\\' && peek() != '\n') text += take();
        }
        return text;
    }

    // In a raw string nothing is continued or escaped.
    std::string take_raw() {
        const std::size_t open = source_.find('(', at_);
        if (open == std::string_view::npos || open - at_ > 17) return take_literal();
        const std::string end = ")" + std::string(source_.substr(at_ + 1, open - at_ - 1)) + '"';
        const std::size_t close = std::min(source_.find(end, open), source_.size());
        const std::string_view text = source_.substr(open + 1, close - open - 1);
        line_ += std::ranges::count(text, '\n');
        at_ = std::min(close + end.size(), source_.size());
        return std::string(text);
    }

    void take_symbol(long line) {
        std::string text;
        std::string_view meaning;
        for (const auto& [spelled, means] : kSymbols)
            if (ahead(spelled.size()) == spelled) {
                meaning = means;
                for (std::size_t i = 0; i < spelled.size(); ++i)
                    text += take();
                break;
            }
        if (meaning.empty()) {
            text = take();
            meaning = text;
        }
        if (fresh_line_ && meaning == "#") directive_ = true;
        add(Token::Kind::symbol, std::string(meaning), line);
    }

    std::string_view source_;
    std::size_t at_ = 0;
    long line_ = 1;
    bool directive_ = false;
    bool fresh_line_ = true;
    std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) {
    return Lexer(source).run();
}

}  // namespace cacheline::grader
