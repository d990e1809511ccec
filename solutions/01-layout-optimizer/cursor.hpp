#pragma once

// Where the next field goes: the rules of alignment, packing and bit-fields, for one record.

#include <cstdint>
#include <optional>

#include "layout_optimizer.hpp"

namespace cacheline::layout_detail {

/// For an alignment that is a power of two, and a value of at most PTRDIFF_MAX: no sum wraps.
[[nodiscard]] constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t align) {
    return (value + align - 1) & ~(align - 1);
}

/// What a record knows of the type of a field.
struct Shape {
    std::uint64_t size = 0;
    std::uint64_t align = 1;
    std::uint64_t declared_align = 1;  ///< what packing leaves of it under Microsoft's rules
};

/// Puts the fields of one record one behind the other. It takes them for valid: `place` has looked.
class Cursor {
public:
    /// `start`: the byte from which on there is room.
    Cursor(const Record& record, const Target& target, std::uint64_t start = 0);

    /// Nothing where the field would reach beyond the largest size of an object.
    [[nodiscard]] std::optional<FieldLayout> put(const Field& field, const Shape& type);

    /// The first byte behind the fields so far, that a field of alignment 1 could have.
    [[nodiscard]] std::uint64_t end() const { return next_.bit == 0 ? next_.byte : next_.byte + 1; }
    /// The padding behind the last field, if the record ends at the byte.
    [[nodiscard]] std::uint64_t bytes_to(std::uint64_t size) const { return size - used_end(); }
    [[nodiscard]] std::uint64_t bits_left() const { return used_.bit == 0 ? 0 : 8 - used_.bit; }
    /// Of the record, as far as its fields decide.
    [[nodiscard]] std::uint64_t align() const { return align_; }
    [[nodiscard]] std::uint64_t declared_align() const { return declared_align_; }

private:
    // Bits from the start of the record are more than 64 bits can count.
    struct Position {
        std::uint64_t byte = 0;
        std::uint64_t bit = 0;  // 0 to 7

        friend auto operator<=>(const Position&, const Position&) = default;
    };

    [[nodiscard]] static Position plus(Position from, std::uint64_t bits);
    [[nodiscard]] std::uint64_t used_end() const { return used_.byte + (used_.bit == 0 ? 0 : 1); }
    [[nodiscard]] std::uint64_t alignment_of(const Field& field, const Shape& type) const;
    void put_system_v(const Field& field, const Shape& type, FieldLayout& placed);
    void put_microsoft(const Field& field, const Shape& type, FieldLayout& placed);
    void occupy(Position start, Position end, FieldLayout& placed);

    const Record& record_;
    const Target& target_;
    std::uint64_t limit_;  // of alignments; 0 for none
    Position used_;        // behind the last field
    Position next_;        // where the next one may start: behind the unit in which the last one is
    std::uint64_t align_ = 1;
    std::uint64_t declared_align_ = 1;
    // Microsoft's open unit: the bytes of its type, 0 where none is open, and its bits to let.
    std::uint64_t unit_size_ = 0;
    std::uint64_t unit_room_ = 0;
};

}  // namespace cacheline::layout_detail
