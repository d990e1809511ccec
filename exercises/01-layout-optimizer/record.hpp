#pragma once

// Given: what a struct is made of.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "target.hpp"

namespace cacheline {

struct Record;

/// The type of a field: a scalar or a nested record. Both convert by themselves:
/// `Field{"id", Scalar::kInt64}`, `Field{"at", point}`.
class Type {
public:
    Type(Scalar scalar) : type_(scalar) {}
    Type(Record record);

    /// Null where it is a record.
    [[nodiscard]] const Scalar* scalar() const { return std::get_if<Scalar>(&type_); }
    /// Null where it is a scalar.
    [[nodiscard]] const Record* record() const {
        const auto* const nested = std::get_if<std::shared_ptr<const Record>>(&type_);
        return nested == nullptr ? nullptr : nested->get();
    }
    friend bool operator==(const Type& left, const Type& right);

private:
    std::variant<Scalar, std::shared_ptr<const Record>> type_;
};

inline constexpr int kNobody = -1;

/// Who uses a field, and how. Nothing in a type says it, so the programmer must.
struct Access {
    bool hot = false;      ///< used by the code that must be fast; all other fields are cold
    int writer = kNobody;  ///< the thread that writes it while others use the record; kNobody for a
                           ///< field that is constant by then

    friend bool operator==(const Access&, const Access&) = default;
};

/// `alignas(min_align) type name[count]`. What `access` says of a field holds for all of it: for
/// each element of an array and all that is in a nested record; the marks inside of that count for
/// nothing.
struct Field {
    /// UTF-8. Only a bit-field may lack one: `""`.
    std::string name;
    Type type;
    /// 1 for a single object, else an array's length.
    std::uint64_t count = 1;
    Access access{};
    /// At least this alignment, a power of two; 0 for the type's own.
    std::uint64_t min_align = 0;

    /// A bit-field, `type name : bits`, where set. Its type is an integer, and as wide or wider (a
    /// bool has one bit); its count is 1. One of no bits has no name and no `min_align`: it only
    /// says where the next one starts. The target's `bit_fields` says where bit-fields go, and a
    /// `min_align` moves one to the next byte that is a multiple of it; under Microsoft's rule only
    /// where a unit opens, and in no union. What `access` says counts where there is a name.
    std::optional<std::uint64_t> bits{};
    /// `type name[]`, an array that goes on behind the record: it takes no room in it, and `count`
    /// says nothing. Only the last field of a struct can be one, with others before it, and such a
    /// struct is no field of another.
    bool flexible = false;
    /// `__attribute__((packed))` on this field alone: see `Record::packed`.
    bool packed = false;
    /// The target on which `CACHELINE_DESCRIBE` saw this field, where its type may be another one
    /// elsewhere; "" for a type that is the same everywhere. See `known_on`.
    std::string seen_on{};

    friend bool operator==(const Field&, const Field&) = default;
};

/// `struct alignas(min_align) name { fields };`
struct Record {
    /// UTF-8.
    std::string name;
    std::vector<Field> fields;
    /// At least this alignment, a power of two; 0 for the fields' own.
    std::uint64_t min_align = 0;
    /// `__attribute__((packed))`: its fields have alignment 1, unless their `min_align` asks for
    /// more. That goes for a field that is a nested record too, however it is aligned elsewhere.
    /// But where the target's `packing_keeps_declared_alignment` is set, such a field keeps the
    /// alignments that were declared in it at any depth: the `min_align` of a field that is no
    /// bit-field, and the whole alignment of a record that has a `min_align` of its own. Packing
    /// does not reach into a nested record. A packed bit-field starts at the next free bit.
    bool packed = false;
    /// `union`: all fields start at 0.
    bool is_union = false;
    /// `#pragma pack(pack)`: no field has a larger alignment than this power of two, `min_align` or
    /// not; 0 for no such limit. Where `packing_keeps_declared_alignment` is set, the limit leaves
    /// a field's `min_align` alone, and what was declared in it, and one above 8 is ignored. The
    /// record's own `min_align` may exceed it. Bit-fields start at the next free bit, as packed
    /// ones do, but align the record as far as the limit lets them; a `min_align` that exceeds the
    /// limit does not move them, and one of no bits knows no limit. Under Microsoft's rule the
    /// limit is one to the alignment of units, and all else is as it was.
    std::uint64_t pack = 0;

    friend bool operator==(const Record&, const Record&) = default;
};

inline Type::Type(Record record) : type_(std::make_shared<const Record>(std::move(record))) {}

inline bool operator==(const Type& left, const Type& right) {
    if (left.record() == right.record() && left.record() != nullptr) return true;
    if (left.record() == nullptr || right.record() == nullptr) return left.type_ == right.type_;
    return *left.record() == *right.record();
}

[[nodiscard]] inline std::string name(const Type& type) {
    if (const Scalar* const scalar = type.scalar()) return std::string(name(*scalar));
    return type.record() == nullptr ? "" : type.record()->name;
}

/// Is the field's type what the target has? Not always where `CACHELINE_DESCRIBE` saw it on another
/// target: what is in a class is known there only, and a `long` may have been written
/// `std::int64_t` or `std::size_t`, which makes a difference where those have other sizes.
[[nodiscard]] inline bool known_on(const Field& field, const Target& target) {
    if (field.seen_on.empty() || field.seen_on == target.name) return true;
    const auto* const seen = std::ranges::find(kTargets, field.seen_on, &Target::name);
    if (field.type.scalar() == nullptr || seen == kTargets.end()) return false;
    const auto size = [](const Target& on, Scalar scalar) { return on.find(scalar)->size; };
    return size(*seen, Scalar::kLong) == size(target, Scalar::kLong) &&
           size(*seen, Scalar::kPointer) == size(target, Scalar::kPointer);
}

/// A name on one line: a line end in it becomes a space.
[[nodiscard]] inline std::string on_one_line(std::string_view text) {
    std::string line(text);
    std::ranges::replace_if(
        line, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line;
}

/// What stands behind a field's name: "[3]", " : 5", "[]" or nothing.
[[nodiscard]] inline std::string suffix(const Field& field) {
    if (field.bits) return " : " + std::to_string(*field.bits);
    if (field.flexible) return "[]";
    return field.count == 1 ? "" : '[' + std::to_string(field.count) + ']';
}

/// The record as C++ source, a line for each field whatever is in the names; without the records
/// nested in it.
[[nodiscard]] inline std::string declaration(const Record& record) {
    const auto alignment = [](std::uint64_t align, bool bit_field = false) {
        const std::string number = std::to_string(align);
        if (align == 0) return std::string();
        return bit_field ? "__attribute__((aligned(" + number + "))) " : "alignas(" + number + ") ";
    };
    const auto packing = [](bool packed) { return packed ? "__attribute__((packed)) " : ""; };
    std::string text;
    if (record.pack != 0) text += "#pragma pack(push, " + std::to_string(record.pack) + ")\n";
    text += std::string(record.is_union ? "union " : "struct ") + packing(record.packed) +
            alignment(record.min_align) + on_one_line(record.name) + " {\n";
    for (const Field& field : record.fields) {
        text += "    " + alignment(field.min_align, field.bits.has_value()) +
                packing(field.packed) + on_one_line(name(field.type));
        if (!field.name.empty()) text += ' ' + on_one_line(field.name);
        text += suffix(field) + ";\n";
    }
    text += "};\n";
    return record.pack == 0 ? text : text + "#pragma pack(pop)\n";
}

}  // namespace cacheline
