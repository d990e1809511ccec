#pragma once

#include <cacheline/todo.hpp>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace cacheline {

/// Immutable bytes with shared ownership.
///
/// Copies and slices share the buffer: they cost O(1), allocate nothing, copy no byte, and keep the
/// whole buffer alive until the last of them is gone. Different objects may be copied, sliced and
/// destroyed by different threads at once, also when they share a buffer.
class SharedBytes {
public:
    /// For `slice`: up to the end of the buffer.
    static constexpr std::size_t kToTheEnd = static_cast<std::size_t>(-1);

    /// No bytes.
    SharedBytes() noexcept = default;

    /// A buffer of its own with the same bytes: one allocation, one copy.
    [[nodiscard]] static SharedBytes copy_of(std::span<const std::byte> /*bytes*/) {
        todo("SharedBytes::copy_of");
    }

    [[nodiscard]] static SharedBytes copy_of(std::string_view text) {
        return copy_of(std::as_bytes(std::span(text)));
    }

    /// A buffer of `size` bytes that `fill` writes, with one allocation. `fill` is called once with
    /// a std::span<std::byte>, or not at all for a size of 0; what it throws goes to the caller,
    /// and nothing leaks. The bytes need no value before `fill` runs.
    template <std::invocable<std::span<std::byte>> Fill>
    [[nodiscard]] static SharedBytes generate(std::size_t /*size*/, Fill&& /*fill*/) {
        todo("SharedBytes::generate");
    }

    /// Takes over a container of bytes or characters (a vector, a string, a MappedFile; anything
    /// that std::data and std::size know) and keeps it until the last owner is gone. One
    /// allocation, no byte on the heap is copied.
    template <typename Container>
    requires(!std::is_lvalue_reference_v<Container>) [[nodiscard]] static SharedBytes
        adopt(Container&& /*container*/) {
        todo("SharedBytes::adopt");
    }

    /// The `count` bytes from `offset` on, as another owner of the same buffer.
    ///
    /// Throws std::out_of_range, with offset, count and size in its message, where they are not all
    /// in the buffer. `offset == size()` gives an empty slice.
    [[nodiscard]] SharedBytes slice(std::size_t /*offset*/,
                                    std::size_t /*count*/ = kToTheEnd) const {
        todo("SharedBytes::slice");
    }

    /// The bytes; valid for as long as any owner of the buffer lives.
    [[nodiscard]] std::span<const std::byte> bytes() const { todo("SharedBytes::bytes"); }

    /// The same as characters.
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes().data()), bytes().size()};
    }

    [[nodiscard]] std::size_t size() const { return bytes().size(); }
    [[nodiscard]] bool empty() const { return size() == 0; }

    /// How many objects share the buffer, this one included. Exact while no other thread changes
    /// it. Means nothing where there are no bytes.
    [[nodiscard]] std::size_t owners() const { todo("SharedBytes::owners"); }

private:
    // Yours.
};

}  // namespace cacheline
