// place: it looks at each field, and a Cursor says where it goes. What builds on it stands in
//
//   blocks.hpp   the parts of a record that move as a whole, and their cache lines
//   search.hpp   the best order of such parts
//   arrange.cpp  reorder and separate
//   advice.cpp   review
//   report.cpp   LayoutReport
//   save.cpp     LayoutReport::save

#include "layout_optimizer.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "cursor.hpp"

namespace cacheline {
namespace layout_detail {
namespace {

using std::uint64_t;

class Placer {
public:
    explicit Placer(const Target& target) : target_(target) {}

    [[nodiscard]] Layout place(const Record& record);

private:
    void place_nested(const Record& outermost);
    [[nodiscard]] std::pair<Layout, Shape> place_fields(const Record& record);
    [[nodiscard]] Shape shape_of(const Record& record, const Field& field) const;
    static void check(const Record& record);
    static void check_bit_field(const Record& record, const Field& field, uint64_t size);
    static void check_flexible(const Record& record, const Field& field);

    // Built only where it is needed: text for each field would cost more than all the rest.
    [[noreturn]] static void refuse(const Record& record, const std::string& why) {
        throw std::invalid_argument("record \"" + record.name + "\": " + why);
    }
    [[noreturn]] static void refuse(const Record& record, const Field& field,
                                    const std::string& why) {
        throw std::invalid_argument(where(record, field) + ": " + why);
    }
    [[noreturn]] void throw_too_large(const std::string& where) const {
        throw std::length_error(where + ": larger than the " + std::to_string(target_.max_size()) +
                                " bytes that an object of " + std::string(target_.name) +
                                " can have");
    }
    [[nodiscard]] static std::string where(const Record& record, const Field& field) {
        return "record \"" + record.name + "\", field \"" + field.name + '"';
    }

    const Target& target_;
    // Of nested records. Each is looked at once, however many fields share it: two fields of one
    // type, one level inside the other, are 2^n ways down to the innermost.
    std::map<const Record*, Shape> shapes_;
};

bool is_alignment(uint64_t align) {
    return align == 0 || std::has_single_bit(align);
}

std::string not_an_alignment(uint64_t align) {
    return "the alignment " + std::to_string(align) + " is not a power of two";
}

bool has_flexible_end(const Record& record) {
    return !record.fields.empty() && record.fields.back().flexible;
}

void Placer::check(const Record& record) {
    const auto is_unnamed_bit_field = [](const Field& field) {
        return field.bits && field.name.empty();
    };
    if (record.fields.empty()) refuse(record, "it has no fields");
    if (std::ranges::all_of(record.fields, is_unnamed_bit_field))
        refuse(record, "none of its fields has a name");
    if (!is_alignment(record.min_align)) refuse(record, not_an_alignment(record.min_align));
    if (!is_alignment(record.pack)) refuse(record, not_an_alignment(record.pack));
}

void Placer::check_bit_field(const Record& record, const Field& field, uint64_t size) {
    const Scalar* const scalar = field.type.scalar();
    constexpr std::array kNoIntegers = {Scalar::kFloat, Scalar::kDouble, Scalar::kLongDouble,
                                        Scalar::kPointer};
    if (scalar == nullptr || std::ranges::count(kNoIntegers, *scalar) != 0)
        refuse(record, field, "a bit-field of a type that is no integer");
    if (field.count != 1) refuse(record, field, "an array of bit-fields");
    const uint64_t width = *scalar == Scalar::kBool ? 1 : 8 * size;
    if (*field.bits > width)
        refuse(record, field,
               std::to_string(*field.bits) + " bits of a type of " + std::to_string(width));
    if (*field.bits == 0 && (!field.name.empty() || field.min_align != 0))
        refuse(record, field, "a bit-field of no bits that has a name or an alignment");
}

void Placer::check_flexible(const Record& record, const Field& field) {
    if (field.bits) refuse(record, field, "a bit-field that is an array");
    if (record.is_union) refuse(record, field, "a flexible array in a union");
    if (&field != &record.fields.back())
        refuse(record, field, "a flexible array that is not the last field");
    if (std::ranges::all_of(record.fields, [&](const Field& other) {
            return &other == &field || (other.bits && other.name.empty());
        }))
        refuse(record, field, "a flexible array with no field before it");
}

Shape Placer::shape_of(const Record& record, const Field& field) const {
    if (const Scalar* const scalar = field.type.scalar()) {
        const ScalarLayout* const found = target_.find(*scalar);
        if (found == nullptr)
            refuse(record, field,
                   std::string(target_.name) + " has no " + std::string(name(*scalar)));
        return {found->size, found->align, 1};
    }
    const Record* const nested = field.type.record();
    if (nested == nullptr) refuse(record, field, "its type was moved from");
    if (has_flexible_end(*nested))
        refuse(record, field, "a nested record that ends in a flexible array");
    return shapes_.at(nested);
}

Layout Placer::place(const Record& record) {
    place_nested(record);
    return place_fields(record).first;
}

// Innermost first, and on a stack of its own: records may lie deeper in each other than calls may.
void Placer::place_nested(const Record& outermost) {
    struct Open {
        const Record* record;
        std::size_t next_field = 0;
    };
    std::vector<Open> open{{&outermost}};
    while (!open.empty()) {
        const Record& record = *open.back().record;
        std::size_t& next_field = open.back().next_field;
        if (next_field < record.fields.size()) {
            const Record* const nested = record.fields[next_field++].type.record();
            if (nested != nullptr && !shapes_.contains(nested)) open.push_back({nested});
        } else {
            if (&record != &outermost) shapes_[&record] = place_fields(record).second;
            open.pop_back();
        }
    }
}

std::pair<Layout, Shape> Placer::place_fields(const Record& record) {
    check(record);
    Layout layout;
    layout.fields.reserve(record.fields.size());
    Cursor cursor(record, target_);
    for (const Field& field : record.fields) {
        if (field.count == 0 && !field.flexible) refuse(record, field, "an array of no elements");
        if (!is_alignment(field.min_align))
            refuse(record, field, not_an_alignment(field.min_align));
        if (!known_on(field, target_))
            refuse(record, field,
                   "its type was seen on " + field.seen_on + " and may be another on " +
                       std::string(target_.name) + "; describe the field by hand");
        const Shape type = shape_of(record, field);
        if (field.bits) check_bit_field(record, field, type.size);
        if (field.flexible) check_flexible(record, field);
        std::optional<FieldLayout> placed = cursor.put(field, type);
        if (!placed) throw_too_large(where(record, field));
        layout.fields.push_back(*std::move(placed));
    }
    layout.align = std::max(cursor.align(), record.min_align);
    // The padding at the end is what keeps the second element of an array aligned.
    layout.size = round_up(cursor.end(), layout.align);
    if (layout.size > target_.max_size()) throw_too_large("record \"" + record.name + '"');
    layout.tail_padding = cursor.bytes_to(layout.size);
    layout.tail_bit_padding = cursor.bits_left();
    layout.cache_lines = (layout.size - 1) / target_.cache_line + 1;
    layout.last_line_bytes = (layout.size - 1) % target_.cache_line + 1;
    uint64_t declared_align = cursor.declared_align();
    if (record.min_align != 0) declared_align = std::max(declared_align, layout.align);
    const Shape shape{layout.size, layout.align, declared_align};
    return {std::move(layout), shape};
}

}  // namespace
}  // namespace layout_detail

Layout place(const Record& record, const Target& target) {
    return layout_detail::Placer(target).place(record);
}

}  // namespace cacheline
