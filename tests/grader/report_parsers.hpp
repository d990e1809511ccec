#pragma once

// Readers of the reports, independent of what writes them.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "process.hpp"

namespace cacheline::grader {

inline int hundredths(double points) {
    return static_cast<int>(std::lround(points * 100));
}

/// The sum, in hundredths, of the numbers that a pattern's first group matches.
inline int sum_in(const std::string& text, const std::string& pattern) {
    const std::regex number(pattern);
    int sum = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), number), end; at != end; ++at)
        sum += hundredths(std::stod((*at)[1].str()));
    return sum;
}

inline int sum_of(const nlohmann::ordered_json& items, const char* key, int unit = 100) {
    int sum = 0;
    for (const auto& item : items)
        sum += static_cast<int>(std::lround(item.at(key).get<double>() * unit));
    return sum;
}

inline std::string decoded_base64(const std::string& text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    unsigned count = 0;
    if (text.size() % 4 != 0) return "";
    for (const char c : text.substr(0, text.find('='))) {
        const std::size_t digit = digits.find(c);
        if (digit == std::string::npos) return "";
        bits = bits << 6 | static_cast<unsigned>(digit);
        count += 6;
        if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xFFU);
    }
    return bytes;
}

/// RFC 4180; a bare CR, LF or quote outside quotes ends the test's trust: one cell "broken".
inline std::vector<std::vector<std::string>> parsed_csv(const std::string& text) {
    std::vector<std::vector<std::string>> rows;
    std::vector<std::string> row;
    for (std::size_t at = 0; at < text.size();) {
        std::string cell;
        if (text[at] == '"') {
            for (++at; at < text.size(); ++at) {
                if (text[at] == '"' && text.substr(at, 2) != "\"\"") break;
                cell += text[at];
                if (text[at] == '"') ++at;
            }
            ++at;
        } else {
            const std::size_t end = std::min(text.find_first_of(",\"\r\n", at), text.size());
            cell = text.substr(at, end - at);
            at = end;
        }
        row.push_back(std::move(cell));
        if (text.substr(at, 2) == "\r\n") {
            rows.push_back(std::move(row));
            row.clear();
            at += 2;
        } else if (text.substr(at, 1) == ",") {
            ++at;
        } else {
            return {{"broken"}};
        }
    }
    return rows;
}

inline constexpr int kNoParser = 77;

/// Ends with 0 if the file is well-formed XML, with kNoParser if no parser is installed.
inline Outcome parse_xml(const std::filesystem::path& file) {
    const std::string script =
        "if command -v xmllint >/dev/null; then xmllint --noout \"$0\"; "
        "elif command -v python3 >/dev/null; then "
        "python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' \"$0\"; "
        "else exit 77; fi";
    return run({.arguments = {"/bin/sh", "-c", script, file.string()},
                .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}});
}

/// What is wrong with a page: an element or attribute that none of ours has, one that is not
/// closed, or a link that leaves the page.
inline std::string html_fault(const std::string& page) {
    static const std::set<std::string> known{
        "!DOCTYPE", "html",    "head", "title", "style", "body",    "main",    "a",      "h1",
        "h2",       "h3",      "h4",   "p",     "dl",    "dt",      "dd",      "div",    "ul",
        "li",       "section", "svg",  "desc",  "rect",  "path",    "text",    "table",  "bdi",
        "tr",       "th",      "td",   "thead", "tbody", "caption", "article", "strong", "span",
        "data",     "i",       "code", "br",    "meta",  "details", "summary"};
    static const std::set<std::string> single{"!DOCTYPE", "br", "meta", "rect", "path"};
    static const std::regex attributes(
        R"re(( (html|lang|charset|http-equiv|content|name|class|href|id|aria-[a-z]+|style|role|tabindex|scope|title|value|viewBox|d|x|y|width|height|rx)(="[^"<>]*")?)*/?)re");
    std::vector<std::string> open;
    for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
        const std::size_t end = page.find('>', at);
        if (end == std::string::npos) return "a tag without an end";
        std::string tag = page.substr(at + 1, end - at - 1);
        const bool closing = tag.starts_with("/");
        if (closing) tag.erase(0, 1);
        const std::string name = tag.substr(0, tag.find_first_of(" /"));
        if (!known.contains(name)) return "unknown element " + name;
        if (closing) {
            if (open.empty() || open.back() != name) return "</" + name + "> closes nothing";
            open.pop_back();
            continue;
        }
        if (!std::regex_match(tag.substr(name.size()), attributes)) return "attributes of " + tag;
        if (!single.contains(name)) open.push_back(name);
    }
    if (!open.empty()) return open.back() + " is not closed";
    const std::regex away(R"re((href="[^#]|src=|url\(|@import))re");
    return std::regex_search(page, away) ? "a link that leaves the page" : "";
}

}  // namespace cacheline::grader
