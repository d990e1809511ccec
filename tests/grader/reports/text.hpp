#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cacheline::grader {

// Names and messages come from submissions, which may be hostile. Every report but grade.json
// (which keeps the text as it is) passes them through `printable`, then through its own format's
// escape.

/// Valid UTF-8 that shows what it holds: bytes that are not UTF-8 become U+FFFD, control characters
/// their pictures (NUL is U+2400), and the invisible characters that reorder or hide text (Unicode
/// TR 36; Boucher and Anderson, "Trojan Source", 2021) their names, such as [U+202E]. Newlines and
/// tabs stay; CR LF becomes LF.
std::string printable(std::string_view text);

/// At most `limit` bytes, cut between characters, with a word on what was left out.
std::string clipped(const std::string& text, std::size_t limit);

/// For HTML and XML, in text and in quoted attributes.
std::string escape_markup(std::string_view text);

/// The text with each `from` replaced by `to`.
std::string replaced(std::string text, std::string_view from, std::string_view to);

/// "suite.cpp:41" is ("suite.cpp", 41); nothing where there is no line.
std::optional<std::pair<std::string, long>> file_and_line(const std::string& where);

/// Indented JSON and a newline; never throws for bytes that are not UTF-8.
std::string json_text(const nlohmann::ordered_json& value);

}  // namespace cacheline::grader
