#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace cacheline::support {

/// Writes one flat JSON object on one line; all that the reporter needs, without a JSON library in
/// the program that a student's code runs in.
class JsonLine {
public:
    explicit JsonLine(std::string_view event) { add("event", event); }

    JsonLine& add(std::string_view key, std::string_view value) {
        start(key);
        quote(value);
        return *this;
    }

    JsonLine& add(std::string_view key, std::integral auto value) {
        start(key);
        text_ += std::to_string(value);
        return *this;
    }

    JsonLine& add(std::string_view key, const std::vector<std::string>& values) {
        start(key);
        text_ += '[';
        for (const std::string& value : values) {
            if (&value != values.data()) text_ += ',';
            quote(value);
        }
        text_ += ']';
        return *this;
    }

    /// The object, with a newline behind it.
    [[nodiscard]] std::string text() const { return text_ + "}\n"; }

private:
    void start(std::string_view key) {
        text_ += text_.empty() ? '{' : ',';
        quote(key);
        text_ += ':';
    }

    void quote(std::string_view value) {
        static constexpr char kHex[] = "0123456789abcdef";
        text_ += '"';
        for (const char c : value) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '"' || c == '\\') {
                text_ += '\\';
                text_ += c;
            } else if (byte < 0x20 || byte >= 0x7f) {
                // Bytes that may not be UTF-8 stand for themselves as Latin-1.
                text_ += "\\u00";
                text_ += kHex[byte >> 4];
                text_ += kHex[byte & 15];
            } else {
                text_ += c;
            }
        }
        text_ += '"';
    }

    std::string text_;
};

}  // namespace cacheline::support
