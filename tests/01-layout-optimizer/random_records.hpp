#pragma once

// Records to compare with a compiler: the same seed makes the same record on every machine, so that
// a fixture of layouts needs no record in it.

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "record.hpp"

namespace cacheline {

class RandomRecords {
public:
    explicit RandomRecords(std::uint64_t seed, std::uint64_t max_fields = 9)
        : rng_(seed), max_fields_(max_fields) {}

    [[nodiscard]] Record make(const std::string& name, int depth = 0) {
        Record record{name, {}};
        const std::uint64_t count = 1 + below(depth == 0 ? max_fields_ : 4);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string number = std::to_string(i);
            const bool nested = depth < 3 && one_in(6);
            Field field{'f' + number,
                        nested ? Type(make(name + '_' + number, depth + 1)) : scalar()};
            if (one_in(4)) field.count = 1 + below(one_in(8) ? 300 : 9);
            if (one_in(10)) field.min_align = std::uint64_t{1} << below(8);
            record.fields.push_back(field);
        }
        if (one_in(10)) record.min_align = std::uint64_t{1} << below(8);
        record.packed = one_in(8);
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

    std::mt19937_64 rng_;
    std::uint64_t max_fields_;
};

/// Record number i of a series.
[[nodiscard]] inline Record random_record(std::uint64_t i) {
    return RandomRecords(i).make('R' + std::to_string(i));
}

/// What place() finds, or clang says, in one word: "size:align:offset,offset,…".
template <typename Offsets>
[[nodiscard]] std::string layout_word(std::uint64_t size, std::uint64_t align,
                                      const Offsets& offsets) {
    std::string word = std::to_string(size) + ':' + std::to_string(align);
    char separator = ':';
    for (const std::uint64_t offset : offsets) {
        word += separator + std::to_string(offset);
        separator = ',';
    }
    return word;
}

}  // namespace cacheline
