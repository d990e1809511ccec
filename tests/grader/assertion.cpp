#include "assertion.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

namespace cacheline::grader {

namespace {

constexpr std::array<std::string_view, 6> kOperators{" == ", " != ", " <= ", " >= ", " < ", " > "};

// Catch2 breaks a long comparison into lines of its own width; the scorecard has another.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char c : text) {
        const bool space = c == '\n' || c == ' ';
        if (!space)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

// Where `text` of source code is outside all brackets and literals, by `visit(position)`.
template <typename Visit>
void visit_top_level(std::string_view text, Visit visit) {
    int depth = 0;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote != 0) {
            if (c == '\\')
                ++i;
            else if (c == quote)
                quote = 0;
            continue;
        }
        // 1'000 is a number.
        const bool digits =
            c == '\'' && i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1]));
        if (c == '"' || (c == '\'' && !digits))
            quote = c;
        else if (c == '(' || c == '[' || c == '{')
            ++depth;
        else if (c == ')' || c == ']' || c == '}')
            --depth;
        else if (depth == 0)
            visit(i);
    }
}

struct Comparison {
    std::string_view left;
    std::string_view sign;  // with the spaces around it
    std::string_view right;
};

std::optional<Comparison> comparison_in(std::string_view check) {
    std::optional<Comparison> found;
    std::size_t count = 0;
    visit_top_level(check, [&](std::size_t at) {
        for (const std::string_view sign : kOperators)
            if (check.substr(at).starts_with(sign)) {
                found = {check.substr(0, at), sign, check.substr(at + sign.size())};
                ++count;
            }
    });
    return count == 1 ? found : std::nullopt;
}

std::vector<std::string_view> arguments_of(std::string_view check) {
    std::vector<std::string_view> arguments;
    std::size_t start = 0;
    visit_top_level(check, [&](std::size_t at) {
        if (!check.substr(at).starts_with(", ")) return;
        arguments.push_back(check.substr(start, at - start));
        start = at + 2;
    });
    arguments.push_back(check.substr(start));
    return arguments;
}

// 8, 8u, 1'000: whoever reads the check knows the value.
bool says_its_value(std::string_view source, std::string_view value) {
    std::string plain(source);
    std::erase(plain, '\'');
    while (!plain.empty() && (plain.back() == 'u' || plain.back() == 'U' || plain.back() == 'L'))
        plain.pop_back();
    return plain == value || std::string(source) == value;
}

// kMost, Lifetime::kFlawless: the suite's own, of which a student knows the value at best.
bool is_constant(std::string_view source) {
    const std::size_t start =
        source.rfind(':') == std::string_view::npos ? 0 : source.rfind(':') + 1;
    const std::string_view name = source.substr(start);
    return name.size() > 1 && name[0] == 'k' && std::isupper(static_cast<unsigned char>(name[1])) &&
           std::ranges::all_of(
               source, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == ':'; });
}

bool is_address(std::string_view value) {
    return value.starts_with("0x") && value.find_first_not_of("0123456789abcdef", 2) == value.npos;
}

// The one place where `values` can be taken apart; a text among the values may look like another.
std::optional<Comparison> values_at(const std::string& values, std::string_view sign) {
    const std::size_t at = values.find(sign);
    if (at == std::string::npos || values.find(sign, at + 1) != std::string::npos)
        return std::nullopt;
    const std::string_view all = values;
    return Comparison{all.substr(0, at), sign, all.substr(at + sign.size())};
}

std::optional<std::vector<std::string_view>> elements_of(std::string_view value) {
    if (!value.starts_with("{ ") || !value.ends_with(" }")) return std::nullopt;
    return arguments_of(value.substr(2, value.size() - 4));
}

// Where two containers part that are too long to be compared by eye.
std::optional<std::string> parting(const Comparison& came) {
    constexpr std::size_t kLong = 200;
    const auto got = elements_of(came.left);
    const auto due = elements_of(came.right);
    if (came.sign != " == " || !got || !due || came.left.size() + came.right.size() < 2 * kLong)
        return std::nullopt;
    const auto [left, right] = std::ranges::mismatch(*got, *due);
    std::string text;
    if (left != got->end() && right != due->end())
        text = "element " + std::to_string(left - got->begin()) + " is " + std::string(*left) +
               ", not " + std::string(*right);
    if (got->size() != due->size())
        text += (text.empty() ? "" : ", of ") + std::to_string(got->size()) + " elements, not " +
                std::to_string(due->size());
    return text;
}

Assertion told_comparison(std::string_view check, const Comparison& written,
                          std::string_view values) {
    // A text with line ends of its own is shown as it is.
    const std::string in_lines =
        "\n" + std::string(written.sign.substr(1, written.sign.size() - 2)) + "\n";
    const bool broken = values.find(in_lines) != std::string_view::npos;
    const std::string plain = without_hexadecimals(broken ? one_line(values) : std::string(values));
    const auto came = values_at(plain, written.sign);
    if (!came) return {std::string(check), plain};
    if (const auto where = parting(*came)) return {std::string(check), *where};
    Assertion told{std::string(check), std::string(came->left)};
    // Which address it was tells nothing, and is another in each run.
    if (is_address(came->left))
        told.got = is_address(came->right) ? "another address" : "an address";
    if (written.right == "nullptr" && written.sign == " != ") told.got = "nullptr";
    // Then the names say nothing that the scorecard does not say.
    if (written.left == "got" && written.right == "expected") {
        told.expected = came->right;
        return told;
    }
    if (written.right == "\"\"" && written.sign == " == ") {
        told.expected = std::string(written.left) + " is empty";
        return told;
    }
    const bool shown_as_value =
        is_constant(written.right) ||
        (written.right.starts_with("std::vector") && came->right.starts_with("{"));
    if (shown_as_value)
        told.expected =
            std::string(written.left) + std::string(written.sign) + std::string(came->right);
    else if (!says_its_value(written.right, came->right) && !is_address(came->right))
        told.expected += ", which is " + std::string(came->right);
    return told;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

// MessageMatches(ContainsSubstring("a") && ContainsSubstring("b")): what is asked for, "a" and "b".
std::string texts_asked_for(std::string_view matcher) {
    constexpr std::string_view kMessage = "MessageMatches(";
    std::string text(matcher);
    replace_all(text, "Catch::Matchers::", "");
    if (text.starts_with(kMessage))
        text = text.substr(kMessage.size(), text.size() - kMessage.size() - 1);
    replace_all(text, ") && ContainsSubstring(", " and ");
    constexpr std::string_view kContains = "ContainsSubstring(";
    if (text.starts_with(kContains))
        text = text.substr(kContains.size(), text.size() - kContains.size() - 1);
    return text;
}

// What a matcher was put to, and what it asked for with the values in place of the names:
// `"text" contains: "a"`, or of an exception `text  matches "contains: "a""`.
struct Match {
    std::string subject;
    std::string texts;
};

std::optional<Match> match_in(const std::string& values) {
    Match match;
    if (const auto message = values_at(values, "  matches \"")) {
        match = {'"' + std::string(message->left) + '"', std::string(message->right)};
        if (match.texts.ends_with('"')) match.texts.pop_back();
    } else if (const auto one = values_at(values, "\" contains: ")) {
        match = {std::string(one->left) + '"', std::string(one->right)};
    } else if (const auto many = values_at(values, "\" ( contains: ")) {
        match = {std::string(many->left) + '"', std::string(many->right)};
    } else {
        return std::nullopt;
    }
    if (match.texts.starts_with("( ")) match.texts.erase(0, 2);
    if (match.texts.ends_with(" )")) match.texts.resize(match.texts.size() - 2);
    replace_all(match.texts, "contains: ", "");
    return match;
}

// CHECK_THROWS_AS(call, type), CHECK_THROWS_MATCHES(call, type, matcher), CHECK_THROWS_WITH(call,
// matcher).
Assertion told_throw(std::string_view macro, std::string_view check, std::string_view values) {
    const bool typed = !macro.ends_with("_WITH");
    const bool matched = !macro.ends_with("_AS");
    const std::vector<std::string_view> parts = arguments_of(check);
    const std::size_t behind_call = (typed ? 1 : 0) + (matched ? 1 : 0);
    if (parts.size() <= behind_call) return {std::string(check), std::string(values)};
    const std::string_view first_behind = parts[parts.size() - behind_call];
    const auto call = static_cast<std::size_t>(first_behind.data() - check.data()) - 2;
    Assertion told{.expected = std::string(check.substr(0, call)) + " throws ",
                   .got = std::string(values)};
    told.expected += typed ? first_behind : std::string_view("an exception");
    if (!matched) return told;
    const auto match = match_in(told.got);
    told.expected +=
        " with " + (match ? match->texts : texts_asked_for(parts.back())) + " in its message";
    if (match) told.got = match->subject;
    return told;
}

}  // namespace

std::string without_hexadecimals(std::string text) {
    const std::string_view mark = " (0x";
    std::string plain;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = std::string_view(text).substr(at);
        const std::size_t end = rest.find_first_not_of("0123456789abcdef", mark.size());
        if (at > 0 && text[at - 1] >= '0' && text[at - 1] <= '9' && rest.starts_with(mark) &&
            end != std::string_view::npos && rest[end] == ')')
            at += end + 1;
        else
            plain += text[at++];
    }
    return plain;
}

namespace {

// Of a vector of a thousand elements the first ones are enough.
std::string cut(std::string text) {
    constexpr std::size_t kMost = 600;
    if (text.size() <= kMost) return text;
    std::size_t end = kMost;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;  // not in the middle of a character
    text.resize(end);
    return text + " ...";
}

Assertion whole(std::string_view macro, std::string_view check, std::string_view values) {
    if (macro.find("_THROWS_") != macro.npos) return told_throw(macro, check, values);
    if (macro.ends_with("_NOTHROW"))
        return {std::string(check) + " throws nothing", std::string(values)};
    if (macro.ends_with("_THAT"))
        if (const auto match = match_in(std::string(values)))
            return {std::string(arguments_of(check).front()) + " contains " + match->texts,
                    match->subject};
    if (macro.ends_with("_FALSE")) {  // "!(check)", "!value"
        if (check.starts_with("!(") && check.ends_with(")"))
            check = check.substr(2, check.size() - 3);
        if (values.starts_with("!")) values.remove_prefix(1);
        return {std::string(check) + " is false", std::string(values)};
    }
    if (const auto written = comparison_in(check)) return told_comparison(check, *written, values);
    if (values == "false") return {std::string(check) + " is true", "false"};
    return {std::string(check), without_hexadecimals(std::string(values))};
}

}  // namespace

Assertion told_assertion(std::string_view macro, std::string_view check, std::string_view values) {
    Assertion told = whole(macro, check, values);
    return {cut(std::move(told.expected)), cut(std::move(told.got))};
}

}  // namespace cacheline::grader
