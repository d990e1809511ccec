#include "cursor.hpp"

#include <algorithm>

namespace cacheline::layout_detail {
namespace {

// Microsoft's compilers ignore a `#pragma pack` that asks for more.
constexpr std::uint64_t kLargestMicrosoftPack = 8;

}  // namespace

Cursor::Cursor(const Record& record, const Target& target, std::uint64_t start)
    : record_(record), target_(target), limit_(record.pack), used_{start, 0}, next_{start, 0} {
    if (target.packing_keeps_declared_alignment && limit_ > kLargestMicrosoftPack) limit_ = 0;
}

std::optional<FieldLayout> Cursor::put(const Field& field, const Shape& type) {
    const std::uint64_t max_size = target_.max_size();
    FieldLayout placed;
    placed.name = field.name;
    if (field.bits) {
        placed.bits = *field.bits;
        const bool microsoft = target_.bit_fields == BitFieldRule::kMicrosoft;
        microsoft ? put_microsoft(field, type, placed) : put_system_v(field, type, placed);
        if (end() > max_size) return std::nullopt;
    } else {
        unit_size_ = 0;
        placed.align = alignment_of(field, type);
        const std::uint64_t offset = record_.is_union ? 0 : round_up(end(), placed.align);
        // Divide rather than multiply: the product may wrap round to something harmless.
        const std::uint64_t count = field.flexible ? 0 : field.count;
        if (offset > max_size || count > (max_size - offset) / type.size) return std::nullopt;
        occupy({offset, 0}, {offset + count * type.size, 0}, placed);
        declared_align_ = std::max({declared_align_, field.min_align, type.declared_align});
    }
    align_ = std::max(align_, placed.align);
    return placed;
}

std::uint64_t Cursor::alignment_of(const Field& field, const Shape& type) const {
    const bool keeps_declared = target_.packing_keeps_declared_alignment;
    std::uint64_t align = type.align;
    if (record_.packed || field.packed) align = keeps_declared ? type.declared_align : 1;
    if (limit_ == 0) return std::max(align, field.min_align);
    if (!keeps_declared) return std::min(std::max(align, field.min_align), limit_);
    return std::max({std::min(align, limit_), type.declared_align, field.min_align});
}

// A packed bit-field has an alignment of 0 here: it starts at any bit.
void Cursor::put_system_v(const Field& field, const Shape& type, FieldLayout& placed) {
    const std::uint64_t bits = *field.bits;
    const std::uint64_t asked = field.min_align;
    const std::uint64_t limit = bits == 0 ? 0 : limit_;
    const bool packed = (record_.packed || field.packed) && bits != 0 && limit == 0;
    std::uint64_t align = std::max(packed ? 0 : type.align, asked);
    if (limit != 0) align = std::min(align, limit);

    Position start = record_.is_union ? Position{} : next_;
    const auto move_to_multiple_of = [&start](std::uint64_t unit) {
        start = {round_up(start.byte + (start.bit == 0 ? 0 : 1), unit), 0};
    };
    const std::uint64_t in_unit = align == 0 ? 0 : start.byte & (align - 1);
    const bool leaves_unit =
        align != 0 && limit == 0 &&
        (in_unit >= type.size || 8 * in_unit + start.bit + bits > 8 * type.size);
    if (bits == 0 || leaves_unit)
        move_to_multiple_of(align);
    else if (asked != 0 && (limit == 0 || asked <= limit))
        move_to_multiple_of(asked);

    const bool counts = !field.name.empty() || target_.bit_fields == BitFieldRule::kArm;
    placed.align = counts ? std::max<std::uint64_t>(align, 1) : 1;
    occupy(start, plus(start, bits), placed);
}

void Cursor::put_microsoft(const Field& field, const Shape& type, FieldLayout& placed) {
    const std::uint64_t bits = *field.bits;
    const bool packed = record_.packed || field.packed;
    std::uint64_t align = packed ? 1 : type.align;
    if (limit_ != 0) align = std::min(align, limit_);
    align = std::max(align, field.min_align);

    if (record_.is_union) {
        // Its units start at 0 and leave its alignment alone.
        const bool opens = bits != 0 || unit_size_ != 0;
        occupy({}, plus({}, bits), placed);
        if (opens) next_ = std::max(next_, Position{type.size, 0});
        unit_size_ = bits == 0 ? 0 : type.size;
    } else if (bits == 0) {
        const bool closes = unit_size_ != 0;
        if (closes) placed.align = align;
        const Position start{closes ? round_up(end(), align) : end(), 0};
        occupy(start, start, placed);
        unit_size_ = 0;
    } else if (unit_size_ == type.size && bits <= unit_room_) {
        const Position unit_end = next_;
        occupy(used_, plus(used_, bits), placed);
        next_ = unit_end;
        unit_room_ -= bits;
    } else {
        placed.align = align;
        const Position start{round_up(end(), align), 0};
        occupy(start, plus(start, bits), placed);
        next_ = {start.byte + type.size, 0};
        unit_size_ = type.size;
        unit_room_ = 8 * type.size - bits;
    }
}

Cursor::Position Cursor::plus(Position from, std::uint64_t bits) {
    return {from.byte + (from.bit + bits) / 8, (from.bit + bits) % 8};
}

void Cursor::occupy(Position start, Position end, FieldLayout& placed) {
    placed.offset = start.byte;
    placed.bit_offset = start.bit;
    placed.size = end.byte - start.byte + (end.bit == 0 ? 0 : 1);
    if (record_.is_union) {
        used_ = std::max(used_, end);
        next_ = std::max(next_, end);
        return;
    }
    // Only a field that starts a byte leaves a gap before it; it may start in a byte begun.
    if (start.bit == 0 && start != used_) {
        placed.padding_before = start.byte - used_end();
        placed.bit_padding_before = bits_left();
    }
    used_ = end;
    next_ = end;
}

}  // namespace cacheline::layout_detail
