#pragma once

#include <cacheline/todo.hpp>
#include <concepts>
#include <cstddef>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace cacheline {

namespace zero_copy_detail {

/// As a template's parameter deduced from `Container&&`: an object that is given away, can be, and
/// is not just a view of somebody else's bytes.
template <typename Container>
concept Adoptable = !std::is_lvalue_reference_v<Container> && !std::is_const_v<Container> &&
                    !std::ranges::borrowed_range<Container>;

}  // namespace zero_copy_detail

/// Immutable bytes with shared ownership.
///
/// Copies and slices share the buffer: they cost O(1), allocate nothing, copy no byte, and keep the
/// whole buffer alive until the last of them is gone. Different objects may be copied, sliced and
/// destroyed by different threads at once, also when they share a buffer. An object that was moved
/// from has no bytes.
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

    /// A buffer of `size` bytes that `fill` writes, with one allocation. `fill` is called once (by
    /// std::invoke) with a std::span<std::byte>, or not at all for a size of 0; what it throws goes
    /// to the caller, and nothing leaks. The bytes need no value before `fill` runs. Throws
    /// std::bad_alloc if there is no memory, also for a size that none can have.
    template <typename Fill>
    requires std::invocable<Fill&, std::span<std::byte>>
    [[nodiscard]] static SharedBytes generate(std::size_t /*size*/, Fill&& /*fill*/) {
        todo("SharedBytes::generate");
    }

    /// Takes over a container of bytes or characters (a vector, a string, a MappedFile; anything
    /// that std::data and std::size know) and keeps it until the last owner is gone. One
    /// allocation, no byte on the heap is copied; where there is no memory for that one, the
    /// container is as before. A string_view or a span is no container: it owns nothing, so there
    /// is nothing to take over, and that does not compile.
    template <zero_copy_detail::Adoptable Container>
    [[nodiscard]] static SharedBytes adopt(Container&& /*container*/) {
        todo("SharedBytes::adopt");
    }

    /// The `count` bytes from `offset` on, as another owner of the same buffer.
    ///
    /// Throws std::out_of_range, with offset, count and size in its message, where they are not all
    /// in the buffer. `offset == size()` gives an empty slice. A slice without bytes need not keep
    /// the buffer.
    [[nodiscard]] SharedBytes slice(std::size_t /*offset*/,
                                    std::size_t /*count*/ = kToTheEnd) const {
        todo("SharedBytes::slice");
    }

    /// The bytes; valid for as long as any owner of the buffer lives. Of a temporary that may be no
    /// longer than the expression.
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
