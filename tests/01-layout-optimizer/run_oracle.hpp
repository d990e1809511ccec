#pragma once

// The answers for records with bit-fields, by brute force: every order of the parts that move as a
// whole is laid out by place(), which has tests of its own.

#include <algorithm>
#include <cstdint>
#include <layout_optimizer.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace cacheline {

/// A field, or a run of bit-fields.
using Part = std::vector<Field>;

[[nodiscard]] inline bool is_run(const Part& part) {
    return part.front().bits.has_value();
}

[[nodiscard]] inline std::vector<Part> parts_of(const Record& record) {
    std::vector<Part> parts;
    for (const Field& field : record.fields)
        if (!parts.empty() && field.bits && is_run(parts.back()))
            parts.back().push_back(field);
        else
            parts.push_back({field});
    return parts;
}

/// The parts by the names of their fields, without their order.
[[nodiscard]] inline std::vector<std::string> sorted_parts(const Record& record) {
    std::vector<std::string> names;
    for (const Part& part : parts_of(record)) {
        std::string name;
        for (const Field& field : part)
            name += field.name + suffix(field) + ' ';
        names.push_back(name);
    }
    std::ranges::sort(names);
    return names;
}

/// The least size of all orders in which no two runs meet and what is flexible comes last.
[[nodiscard]] inline std::uint64_t least_size_of_parts(const Record& record, const Target& target) {
    const std::vector<Part> parts = parts_of(record);
    std::vector<std::size_t> order(parts.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::uint64_t least = ~std::uint64_t{0};
    do {
        bool allowed = true;
        Record candidate = record;
        candidate.fields.clear();
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Part& part = parts[order[i]];
            allowed = allowed && (i == 0 || !is_run(part) || !is_run(parts[order[i - 1]])) &&
                      (!part.front().flexible || i + 1 == order.size());
            candidate.fields.insert(candidate.fields.end(), part.begin(), part.end());
        }
        if (allowed) least = std::min(least, place(candidate, target).size);
    } while (std::ranges::next_permutation(order).found);
    return least;
}

/// A record with runs of bit-fields, and sometimes a flexible array, of up to five parts.
[[nodiscard]] inline Record random_runs(std::mt19937_64& rng) {
    const auto below = [&](std::uint64_t bound) { return rng() % bound; };
    constexpr std::uint64_t kWidths[] = {1, 8, 8, 8, 16, 16, 32, 32, 64, 64};
    Record record{"Runs", {}};
    bool after_run = true;
    for (std::uint64_t part = 0; part < 1 + below(5); ++part) {
        const std::string name = 'f' + std::to_string(part);
        const std::uint64_t type = below(10);
        if (after_run || below(2) == 0) {
            record.fields.push_back(Field{name, static_cast<Scalar>(type), 1 + below(3)});
            after_run = false;
            continue;
        }
        for (std::uint64_t i = 0; i <= below(3); ++i) {
            const std::uint64_t of = below(10);
            Field field{.name = name + '_' + std::to_string(i),
                        .type = static_cast<Scalar>(of),
                        .bits = 1 + below(kWidths[of])};
            if (i > 0 && below(8) == 0)
                field = Field{.name = "", .type = Scalar::kInt32, .bits = 0};
            record.fields.push_back(field);
        }
        after_run = true;
    }
    if (below(6) == 0)
        record.fields.push_back(
            Field{.name = "rest", .type = static_cast<Scalar>(below(10)), .flexible = true});
    return record;
}

}  // namespace cacheline
