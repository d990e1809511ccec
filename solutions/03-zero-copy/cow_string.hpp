#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cacheline {

/// Text that is borrowed for as long as nobody changes it, and owned from then on.
///
/// It is one thing or the other, never a string together with a view of it: such a view would go on
/// pointing into the old object when a short string, whose bytes lie in the object, is copied or
/// moved. That is why the special members may stay the compiler's.
class CowString {
public:
    CowString() noexcept = default;

    [[nodiscard]] static CowString borrowed(std::string_view text) noexcept {
        CowString result;
        result.text_ = text;
        return result;
    }

    [[nodiscard]] static CowString owned(std::string text) noexcept {
        CowString result;
        result.text_ = std::move(text);
        return result;
    }

    [[nodiscard]] bool is_borrowed() const noexcept {
        return std::holds_alternative<std::string_view>(text_);
    }

    [[nodiscard]] std::string_view view() const noexcept {
        const auto* const own = std::get_if<std::string>(&text_);
        return own != nullptr ? std::string_view(*own) : *std::get_if<std::string_view>(&text_);
    }

    operator std::string_view() const noexcept { return view(); }

    [[nodiscard]] std::size_t size() const noexcept { return view().size(); }

    std::string& to_mut() {
        if (is_borrowed()) text_ = std::string(view());
        return *std::get_if<std::string>(&text_);
    }

    [[nodiscard]] std::string into_string() && { return std::move(to_mut()); }

    friend bool operator==(const CowString& a, std::string_view b) noexcept {
        return a.view() == b;
    }

private:
    std::variant<std::string_view, std::string> text_;
};

namespace detail {

constexpr bool is_lower(char c) noexcept {
    return c >= 'a' && c <= 'z';
}

// Without a branch, so that the compiler can turn a loop of it into vector code.
constexpr char upper(char c) noexcept {
    return static_cast<char>(c - (is_lower(c) ? 'a' - 'A' : 0));
}

}  // namespace detail

[[nodiscard]] inline CowString to_upper(CowString&& text) {
    const std::string_view before = text.view();
    const auto* const first = std::ranges::find_if(before, detail::is_lower);
    const auto start = first - before.begin();
    if (first != before.end()) {
        std::string& own = text.to_mut();  // one memcpy where the text was borrowed
        std::transform(own.begin() + start, own.end(), own.begin() + start, detail::upper);
    }
    return std::move(text);
}

[[nodiscard]] inline CowString to_upper(std::string_view text) {
    return to_upper(CowString::borrowed(text));
}

/// Deduced, so that only a std::string that is about to die comes here: a borrowed one would
/// dangle.
template <std::same_as<std::string> String>
[[nodiscard]] CowString to_upper(String&& text) {
    return to_upper(CowString::owned(std::move(text)));
}

[[nodiscard]] inline CowString process_string(std::string_view text, bool modify) {
    return modify ? to_upper(text) : CowString::borrowed(text);
}

[[nodiscard]] inline std::vector<CowString> process_strings(
    std::span<const std::string_view> input) {
    std::vector<CowString> result;
    result.reserve(input.size());
    for (const std::string_view text : input)
        result.push_back(to_upper(text));
    return result;
}

inline void process_with_reuse(std::span<const std::string_view> input,
                               std::vector<std::string>& output) {
    output.resize(input.size());
    for (std::size_t i = 0; i < input.size(); ++i) {
        output[i].resize(input[i].size());
        std::ranges::transform(input[i], output[i].begin(), detail::upper);
    }
}

}  // namespace cacheline
