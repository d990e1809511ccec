#pragma once

// Given: what a struct is made of.

#include <cstdint>
#include <memory>
#include <string>
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
    std::string name;  ///< UTF-8
    Type type;
    std::uint64_t count = 1;  ///< 1 for a single object, else an array's length
    Access access{};
    std::uint64_t min_align = 0;  ///< at least this alignment, a power of two; 0 for the type's own

    friend bool operator==(const Field&, const Field&) = default;
};

/// `struct alignas(min_align) name { fields };`
struct Record {
    std::string name;  ///< UTF-8
    std::vector<Field> fields;
    std::uint64_t min_align =
        0;  ///< at least this alignment, a power of two; 0 for the fields' own
    /// `__attribute__((packed))`: its fields have alignment 1, unless their `min_align` asks for
    /// more. That goes for a field that is a nested record too, however it is aligned elsewhere.
    /// But where the target's `packing_keeps_declared_alignment` is set, such a field keeps the
    /// alignments that were declared in it at any depth: the `min_align` of a field, and the whole
    /// alignment of a record that has a `min_align` of its own. Packing does not reach into a
    /// nested record.
    bool packed = false;

    friend bool operator==(const Record&, const Record&) = default;
};

inline Type::Type(Record record) : type_(std::make_shared<const Record>(std::move(record))) {}

inline bool operator==(const Type& left, const Type& right) {
    if (left.record() == nullptr || right.record() == nullptr) return left.type_ == right.type_;
    return *left.record() == *right.record();
}

[[nodiscard]] inline std::string name(const Type& type) {
    if (const Scalar* const scalar = type.scalar()) return std::string(name(*scalar));
    return type.record() == nullptr ? "" : type.record()->name;
}

/// The record as C++ source; without the records nested in it.
[[nodiscard]] inline std::string declaration(const Record& record) {
    const auto alignment = [](std::uint64_t align) {
        return align == 0 ? "" : "alignas(" + std::to_string(align) + ") ";
    };
    std::string text = "struct " + std::string(record.packed ? "__attribute__((packed)) " : "") +
                       alignment(record.min_align) + record.name + " {\n";
    for (const Field& field : record.fields) {
        text += "    " + alignment(field.min_align) + name(field.type) + ' ' + field.name;
        if (field.count != 1) text += '[' + std::to_string(field.count) + ']';
        text += ";\n";
    }
    return text + "};\n";
}

}  // namespace cacheline
