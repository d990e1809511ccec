#pragma once

// Records to compare with a compiler: the same seed makes the same record on every machine, so that
// a fixture of layouts needs no record in it.

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "record.hpp"

namespace cacheline {

/// What random records are made of.
enum class Make { kPlain, kAllKinds };

/// Plain records have no bit-fields, unions, flexible arrays or limits of packing; those of all
/// kinds have them all.
class RandomRecords {
public:
    explicit RandomRecords(std::uint64_t seed, std::uint64_t max_fields = 9,
                           Make what = Make::kPlain)
        : rng_(seed), max_fields_(max_fields), all_kinds_(what == Make::kAllKinds) {}

    [[nodiscard]] Record make(const std::string& name, int depth = 0) {
        Record record{name, {}};
        if (all_kinds_) record.is_union = one_in(6);
        const std::uint64_t count = 1 + below(depth == 0 ? max_fields_ : 4);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string number = std::to_string(i);
            if (all_kinds_ && one_in(2)) {
                record.fields.push_back(bit_field('f' + number, i > 0));
                continue;
            }
            const bool nested = depth < 3 && one_in(6);
            Field field{'f' + number,
                        nested ? Type(make(name + '_' + number, depth + 1)) : scalar()};
            if (one_in(4)) field.count = 1 + below(one_in(8) ? 300 : 9);
            if (one_in(10)) field.min_align = std::uint64_t{1} << below(8);
            if (all_kinds_) field.packed = one_in(12);
            record.fields.push_back(field);
        }
        if (one_in(10)) record.min_align = std::uint64_t{1} << below(8);
        record.packed = one_in(8);
        if (all_kinds_ && one_in(8)) record.pack = std::uint64_t{1} << below(5);
        if (all_kinds_ && depth == 0 && !record.is_union && one_in(5))
            record.fields.push_back(Field{.name = "rest", .type = scalar(), .flexible = true});
        return record;
    }

private:
    std::uint64_t below(std::uint64_t bound) { return rng_() % bound; }
    bool one_in(std::uint64_t chances) { return below(chances) == 0; }

    // Any but __int128, which some of the targets do not have.
    Scalar scalar() {
        const std::uint64_t index = below(kScalarCount - 1);
        const auto skipped = static_cast<std::uint64_t>(Scalar::kInt128);
        return static_cast<Scalar>(index < skipped ? index : index + 1);
    }

    // Of a type that has the same width on all targets.
    Field bit_field(std::string name, bool may_lack_name) {
        constexpr std::array<std::uint64_t, 10> kWidths = {1, 8, 8, 8, 16, 16, 32, 32, 64, 64};
        const std::uint64_t index = below(kWidths.size());
        const auto type = static_cast<Scalar>(index);
        const std::uint64_t width = kWidths[index];
        Field field{.name = std::move(name),
                    .type = type,
                    .bits = 1 + below(one_in(2) ? width : (width + 3) / 4)};
        if (one_in(12)) field.min_align = std::uint64_t{1} << below(8);
        field.packed = one_in(12);
        if (may_lack_name && one_in(6)) field.name.clear();
        if (may_lack_name && one_in(8)) field = Field{.name = "", .type = type, .bits = 0};
        return field;
    }

    std::mt19937_64 rng_;
    std::uint64_t max_fields_;
    bool all_kinds_;
};

/// Record number i of a series.
[[nodiscard]] inline Record random_record(std::uint64_t i, Make what = Make::kPlain) {
    const std::uint64_t max_fields = 9;
    return RandomRecords(i, max_fields, what).make('R' + std::to_string(i));
}

/// What place() finds, or clang says, in one word: "size:align:offset,offset,…"; the offset of a
/// bit-field with its first bit: "4.3".
[[nodiscard]] inline std::string layout_word(std::uint64_t size, std::uint64_t align,
                                             const std::vector<std::string>& offsets) {
    std::string word = std::to_string(size) + ':' + std::to_string(align);
    char separator = ':';
    for (const std::string& offset : offsets) {
        word += separator + offset;
        separator = ',';
    }
    return word;
}

/// The offset of a field as it stands in a layout word.
[[nodiscard]] inline std::string offset_word(const Field& field, std::uint64_t byte,
                                             std::uint64_t bit) {
    return std::to_string(byte) + (field.bits ? '.' + std::to_string(bit) : "");
}

}  // namespace cacheline
