#pragma once

#include <map>
#include <string>
#include <string_view>

namespace cacheline::support {

/// JSON read by a real parser, flat: each value by its JSON pointer (RFC 6901), such as
/// "/records/0/name". Strings come as they are, numbers and the rest as JSON writes them, and what
/// is empty as "[]" or "{}". Throws std::runtime_error where the text is no JSON (RFC 8259).
///
/// The parser takes seconds to compile; here it is compiled once for all suites.
[[nodiscard]] std::map<std::string, std::string> read_json(std::string_view text);

}  // namespace cacheline::support
