#pragma once

#include <cacheline/todo.hpp>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cacheline {

/// Text that is borrowed for as long as nobody changes it, and owned from then on.
///
/// A borrowed text refers to somebody else's bytes, which must live as long as it is used; copying
/// or moving it copies no byte. An owned text has bytes of its own: a copy is independent of the
/// original, a moved one takes the bytes along (without an allocation), and both stay right when
/// the object that they came from is gone. Moving never throws. A text that was moved from can be
/// destroyed or assigned to.
class CowString {
public:
    /// An empty borrowed text.
    CowString() noexcept = default;

    /// Refers to `text`. Allocates nothing. A string that is about to die can't be borrowed: that
    /// does not compile.
    [[nodiscard]] static CowString borrowed(std::string_view /*text*/) {
        todo("CowString::borrowed");
    }
    template <std::same_as<std::string> String>
    static CowString borrowed(const String&&) = delete;

    /// Takes `text` over. Allocates nothing: the caller who moves a string in gives its buffer
    /// away.
    [[nodiscard]] static CowString owned(std::string /*text*/) { todo("CowString::owned"); }

    [[nodiscard]] bool is_borrowed() const { todo("CowString::is_borrowed"); }

    /// The text; valid until this object is changed, moved or destroyed (a borrowed one: as long as
    /// the bytes it was made from).
    [[nodiscard]] std::string_view view() const { todo("CowString::view"); }

    /// Not of a temporary, whose bytes die with it: `std::string_view v = to_upper(text);` does not
    /// compile. A view that is used within the same expression can be asked for by name.
    operator std::string_view() const& { return view(); }
    operator std::string_view() const&& = delete;

    [[nodiscard]] std::size_t size() const { return view().size(); }

    /// The text to write to: this is where a borrowed text is copied, once. An owned one is
    /// returned as it is.
    std::string& to_mut() { todo("CowString::to_mut"); }

    /// The text as a string: an owned text is moved out without an allocation.
    [[nodiscard]] std::string into_string() && { todo("CowString::into_string"); }

    friend bool operator==(const CowString& a, std::string_view b) { return a.view() == b; }
    friend bool operator==(const CowString& a, const CowString& b) { return a.view() == b.view(); }

private:
    // Yours. Copy, move and destruction are the compiler's: choose members for which these are
    // right.
};

/// `text` with the ASCII letters a to z replaced by A to Z; every other byte stays, also those of
/// 128 and above (so UTF-8 stays UTF-8), whatever the locale.
///
/// Where nothing changes the result is borrowed and nothing is allocated. Otherwise it is owned,
/// with at most one allocation. No byte is examined twice.
[[nodiscard]] inline CowString to_upper(std::string_view /*text*/) {
    todo("to_upper");
}

/// The same for a text that the caller gives away: an owned one is changed in place, so nothing is
/// ever allocated for it; a borrowed one is treated as above.
[[nodiscard]] inline CowString to_upper(CowString&& /*text*/) {
    todo("to_upper(CowString)");
}

/// The same for a string that is about to die, which must be taken over: a view of it would dangle.
/// (Deduced, so that only an rvalue std::string comes here.) One that is const can't be taken over:
/// that does not compile.
template <std::same_as<std::string> String>
[[nodiscard]] CowString to_upper(String&& text) {
    return to_upper(CowString::owned(std::move(text)));
}
template <std::same_as<std::string> String>
CowString to_upper(const String&&) = delete;

/// `to_upper` where `modify` says so; otherwise `text`, borrowed.
[[nodiscard]] inline CowString process_string(std::string_view text, bool modify) {
    return modify ? to_upper(text) : CowString::borrowed(text);
}

/// The same for a string that is about to die, which is taken over.
template <std::same_as<std::string> String>
[[nodiscard]] CowString process_string(String&& text, bool modify) {
    CowString own = CowString::owned(std::move(text));
    return modify ? to_upper(std::move(own)) : own;
}
template <std::same_as<std::string> String>
CowString process_string(const String&&, bool) = delete;

/// `to_upper` of each text, in order. One allocation for the vector, and one at most for each text
/// that changes.
[[nodiscard]] inline std::vector<CowString> process_strings(
    std::span<const std::string_view> /*input*/) {
    todo("process_strings");
}

/// Writes `to_upper` of each text to `output`, which gets the input's size, and reuses the memory
/// of the strings that are there: nothing is allocated where `output` has at least as many strings
/// as `input`, each with the capacity that it needs. `input` must not refer to bytes in `output`.
inline void process_with_reuse(std::span<const std::string_view> /*input*/,
                               std::vector<std::string>& /*output*/) {
    todo("process_with_reuse");
}

}  // namespace cacheline
