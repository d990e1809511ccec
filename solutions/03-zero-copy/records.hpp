#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <parse_errors.hpp>
#include <ranges>
#include <span>
#include <string>
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
    explicit Records(std::span<const std::byte> bytes) : bytes_(bytes) {
        const std::size_t rest = bytes.size() % sizeof(T);
        if (rest != 0)
            throw RecordError(bytes.size() - rest, "the last record has " + std::to_string(rest) +
                                                       " bytes of " + std::to_string(sizeof(T)));
    }
    template <zero_copy_detail::OwningContainer Container>
    explicit Records(const Container&&) = delete;

    /// The number of records.
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() / sizeof(T); }

    /// All records as they lie, where the bytes have the alignment that a T needs; else nullopt.
    [[nodiscard]] std::optional<std::span<const T>> as_span() const noexcept {
        // A T may only be looked at through a T& where T's alignment holds: anything else is
        // undefined, and a compiler that vectorizes the loop makes use of that.
        if (reinterpret_cast<std::uintptr_t>(bytes_.data()) % alignof(T) != 0) return std::nullopt;
        return std::span(reinterpret_cast<const T*>(bytes_.data()), size());
    }

    /// Record i, which must be less than size(), whatever the alignment.
    [[nodiscard]] T operator[](std::size_t i) const noexcept {
        // memcpy to a local compiles to a plain load of any alignment.
        std::array<std::byte, sizeof(T)> record;
        std::memcpy(record.data(), bytes_.data() + i * sizeof(T), sizeof(T));
        return std::bit_cast<T>(record);
    }

    /// The same; throws RecordError with the offset of the end where there is no record i.
    [[nodiscard]] T at(std::size_t i) const {
        if (i >= size())
            throw RecordError(bytes_.size(), "the end; there are " + std::to_string(size()) +
                                                 " records, and record " + std::to_string(i) +
                                                 " was asked for");
        return (*this)[i];
    }

private:
    std::span<const std::byte> bytes_;
};

template <typename T>
[[nodiscard]] Records<T> records(std::span<const std::byte> bytes) {
    return Records<T>(bytes);
}

template <typename T, zero_copy_detail::OwningContainer Container>
Records<T> records(const Container&&) = delete;

}  // namespace cacheline
