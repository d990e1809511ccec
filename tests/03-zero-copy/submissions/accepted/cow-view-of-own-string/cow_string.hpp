// accepted: a string and a view of it or of another's, with copies and moves written out
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cacheline {

class CowString {
public:
    CowString() noexcept = default;
    CowString(const CowString& other) : own_(other.own_), owns_(other.owns_), view_(other.view_) {
        refresh();
    }
    CowString(CowString&& other) noexcept
        : own_(std::move(other.own_)), owns_(other.owns_), view_(other.view_) {
        refresh();
        other.refresh();
    }
    CowString& operator=(CowString other) noexcept {
        own_.swap(other.own_);
        owns_ = other.owns_;
        view_ = other.view_;
        refresh();
        return *this;
    }
    ~CowString() = default;

    static CowString borrowed(std::string_view text) noexcept {
        CowString result;
        result.view_ = text;
        return result;
    }
    template <std::same_as<std::string> String>
    static CowString borrowed(String&&) = delete;
    static CowString owned(std::string text) noexcept {
        CowString result;
        result.own_ = std::move(text);
        result.owns_ = true;
        result.refresh();
        return result;
    }

    bool is_borrowed() const { return !owns_; }
    std::string_view view() const { return owns_ ? std::string_view(own_) : view_; }
    operator std::string_view() const& { return view(); }
    operator std::string_view() const&& = delete;
    std::size_t size() const { return view().size(); }

    std::string& to_mut() {
        if (!owns_) own_.assign(view_);
        owns_ = true;
        return own_;
    }

    std::string into_string() && { return std::move(to_mut()); }

    friend bool operator==(const CowString& a, std::string_view b) { return a.view() == b; }

private:
    void refresh() noexcept {
        if (owns_) view_ = own_;
    }

    std::string own_;
    bool owns_ = false;
    std::string_view view_;
};

inline CowString to_upper(CowString&& text) {
    const std::string_view before = text.view();
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] < 'a' || before[i] > 'z') continue;
        std::string& own = text.to_mut();
        for (; i < own.size(); ++i)
            if (own[i] >= 'a' && own[i] <= 'z') own[i] = static_cast<char>(own[i] ^ 0x20);
        break;
    }
    return std::move(text);
}

inline CowString to_upper(std::string_view text) {
    return to_upper(CowString::borrowed(text));
}

template <std::same_as<std::string> String>
CowString to_upper(String&& text) {
    return to_upper(CowString::owned(std::move(text)));
}

template <std::same_as<std::string> String>
CowString to_upper(const String&&) = delete;

inline CowString process_string(std::string_view text, bool modify) {
    if (modify) return to_upper(text);
    return CowString::borrowed(text);
}

template <std::same_as<std::string> String>
CowString process_string(String&& text, bool modify) {
    if (modify) return to_upper(std::move(text));
    return CowString::owned(std::move(text));
}

template <std::same_as<std::string> String>
CowString process_string(const String&&, bool) = delete;

inline std::vector<CowString> process_strings(std::span<const std::string_view> input) {
    std::vector<CowString> result(input.size());
    for (std::size_t i = 0; i < input.size(); ++i)
        result[i] = to_upper(input[i]);
    return result;
}

inline void process_with_reuse(std::span<const std::string_view> input,
                               std::vector<std::string>& output) {
    output.resize(input.size());
    auto out = output.begin();
    for (const std::string_view text : input) {
        out->assign(text);
        for (char& c : *out)
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        ++out;
    }
}

}  // namespace cacheline
