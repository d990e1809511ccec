#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <optional>
#include <parse_errors.hpp>
#include <ranges>
#include <span>
#include <type_traits>

namespace cacheline {

namespace zero_copy_detail {

/// A container, as opposed to a view: its elements die with it.
template <typename Container>
concept OwningContainer = std::ranges::range<Container> && !std::ranges::borrowed_range<Container>;

}  // namespace zero_copy_detail

/// Binary records of one type, behind one another, read where they lie. The bytes must outlive this
/// object, so a container that is about to die is refused: that does not compile. Nothing is
/// allocated.
template <typename T>
requires std::is_trivially_copyable_v<T>
class Records {
public:
    /// Throws RecordError with the offset at which the last record starts where it is cut short.
    explicit Records(std::span<const std::byte> /*bytes*/) { todo("Records"); }
    template <zero_copy_detail::OwningContainer Container>
    explicit Records(const Container&&) = delete;

    /// The number of records.
    [[nodiscard]] std::size_t size() const { todo("Records::size"); }

    /// All records as they lie, where the bytes have the alignment that a T needs; else nullopt.
    [[nodiscard]] std::optional<std::span<const T>> as_span() const { todo("Records::as_span"); }

    /// Record i, which must be less than size(), whatever the alignment.
    [[nodiscard]] T operator[](std::size_t /*i*/) const { todo("Records::operator[]"); }

    /// The same; throws RecordError with the offset of the end where there is no record i.
    [[nodiscard]] T at(std::size_t /*i*/) const { todo("Records::at"); }

private:
    // Yours.
};

template <typename T>
[[nodiscard]] Records<T> records(std::span<const std::byte> bytes) {
    return Records<T>(bytes);
}

template <typename T, zero_copy_detail::OwningContainer Container>
Records<T> records(const Container&&) = delete;

}  // namespace cacheline
