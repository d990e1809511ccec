#pragma once

#include <array>
#include <charconv>
#include <optional>
#include <string>

namespace cacheline::layout_detail {

/// Streams and printf write numbers as the locale has it, a point as a comma; to_chars never does.
[[nodiscard]] inline std::string decimal(double value, std::optional<int> digits = std::nullopt) {
    std::array<char, 64> buffer{};
    char* const end = buffer.data() + buffer.size();
    const auto result =
        digits ? std::to_chars(buffer.data(), end, value, std::chars_format::fixed, *digits)
               : std::to_chars(buffer.data(), end, value);
    return {buffer.data(), result.ptr};
}

}  // namespace cacheline::layout_detail
