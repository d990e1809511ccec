#pragma once

// Numbers and lists in sentences.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cacheline::layout_detail {

/// "1 byte", "2 bytes".
[[nodiscard]] inline std::string counted(std::uint64_t count, std::string_view what) {
    return std::to_string(count) + ' ' + std::string(what) + (count == 1 ? "" : "s");
}

/// "a, b, c"
[[nodiscard]] inline std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        if (&name != names.data()) text += ", ";
        text += name;
    }
    return text;
}

}  // namespace cacheline::layout_detail
