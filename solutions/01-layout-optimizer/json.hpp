#pragma once

// Text of JSON, in any locale and of any names.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "decimal.hpp"
#include "utf8.hpp"

namespace cacheline::layout_detail {

/// Builds JSON text: values one after the other, with commas where they belong.
class Json {
public:
    Json& open(char bracket) {
        separate_values();
        text_ += bracket;
        after_value_ = false;
        return *this;
    }
    Json& close(char bracket) {
        text_ += bracket;
        after_value_ = true;
        return *this;
    }
    Json& key(std::string_view text) {
        value(text);
        text_ += ": ";
        after_value_ = false;
        return *this;
    }
    Json& value(std::uint64_t number) { return raw(std::to_string(number)); }
    Json& value(double number) { return raw(decimal(number)); }
    Json& value(std::string_view text) {
        static constexpr std::string_view kHex = "0123456789abcdef";
        std::string quoted = "\"";
        while (!text.empty()) {
            const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
            const std::string_view character = text.substr(0, length);
            const auto byte = static_cast<unsigned char>(character.front());
            text.remove_prefix(length);
            if (byte < 0x20) {
                quoted += "\\u00";
                quoted += kHex[byte >> 4];
                quoted += kHex[byte & 15];
            } else if (byte >= 0x80 && length == 1) {
                quoted += "\\ufffd";
            } else {
                if (byte == '"' || byte == '\\') quoted += '\\';
                quoted += character;
            }
        }
        return raw(quoted + '"');
    }
    template <typename T>
    Json& member(std::string_view name, const T& content) {
        return key(name).value(content);
    }
    [[nodiscard]] std::string text() && { return std::move(text_); }

private:
    Json& raw(std::string_view text) {
        separate_values();
        text_ += text;
        after_value_ = true;
        return *this;
    }
    void separate_values() {
        if (after_value_) text_ += ", ";
    }

    std::string text_;
    bool after_value_ = false;
};

}  // namespace cacheline::layout_detail
