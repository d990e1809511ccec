#include "support/suite.hpp"

#include <layout_optimizer.hpp>

#include "linux64.hpp"
#include "oracle.hpp"
#include "random_records.hpp"
#include "support/watchdog.hpp"

using namespace cacheline;
using namespace std::chrono_literals;

namespace {

// What the record takes in its order, by the suite's own arithmetic.
std::uint64_t size_of(const Record& record, const Target& target) {
    const std::vector<Brick> bricks = bricks_of(record, target);
    return size_in_order(bricks, align_of(record, bricks));
}

std::vector<std::string> names(const Record& record) {
    std::vector<std::string> list;
    for (const Field& field : record.fields)
        list.push_back(field.name);
    return list;
}

std::vector<std::string> sorted_names(const Record& record) {
    std::vector<std::string> list = names(record);
    std::ranges::sort(list);
    return list;
}

Record shuffled_small(std::mt19937_64& rng) {
    return RandomRecords(rng(), 7).make("R");
}

}  // namespace

TEST_CASE("the best order leaves no hole that another order fills", "[reorder]") {
    WHY("eight bytes of padding in a record are a third of the cache spent on nothing");
    const Record record{"Order",
                        {Field{"side", Scalar::kChar}, Field{"price", Scalar::kDouble},
                         Field{"lots", Scalar::kInt32}}};
    const Record best = reorder(record, linux64());
    CHECK(size_of(record, linux64()) == 24);
    CHECK(size_of(best, linux64()) == 16);
    CHECK(sorted_names(best) == sorted_names(record));
}

TEST_CASE("a large array of small elements does not go first for its size", "[reorder]") {
    WHY("alignment makes holes, size does not: twelve chars in front push a double to offset 16");
    const Record record{"R",
                        {Field{"name", Scalar::kChar, 12}, Field{"price", Scalar::kDouble},
                         Field{"lots", Scalar::kInt32}}};
    CHECK(size_of(reorder(record, linux64()), linux64()) == 24);
    const Record nested{"Tag", {Field{"text", Scalar::kChar, 21}}};
    const Record other{"S",
                       {Field{"tag", nested}, Field{"a", Scalar::kInt64},
                        Field{"b", Scalar::kInt16}, Field{"c", Scalar::kChar}}};
    CHECK(size_of(reorder(other, linux64()), linux64()) == 32);
}

TEST_CASE("no order is smaller, by brute force over all of them", "[reorder]") {
    WHY("an optimizer that can be beaten by trying is a guess");
    SEEDED_RNG(rng);
    constexpr int kRecords = 10'000;
    for (int i = 0; i < kRecords; ++i) {
        const Record record = shuffled_small(rng);
        const Target& on = kTargets[static_cast<std::size_t>(i) % kTargets.size()];
        const std::vector<Brick> bricks = bricks_of(record, on);
        const std::uint64_t least = least_size(bricks, align_of(record, bricks));
        const Record best = reorder(record, on);
        const std::uint64_t size = size_of(best, on);
        if (size == least && sorted_names(best) == sorted_names(record)) continue;
        INFO("on " << on.name << "\n"
                   << declaration(record) << "reordered:\n"
                   << declaration(best));
        CHECK(sorted_names(best) == sorted_names(record));
        REQUIRE(size == least);
    }
    SUCCEED();
}

TEST_CASE("the holes behind over-aligned fields are filled as well as they can be", "[reorder]") {
    WHY("alignas leaves holes that sorting by alignment does not see: two of 12 bytes here");
    const auto wide = [](const char* name, Scalar scalar) {
        return Field{.name = name, .type = scalar, .min_align = 16};
    };
    const Record record{
        "R",
        {wide("a", Scalar::kInt32), wide("b", Scalar::kInt32), Field{"c", Scalar::kInt64},
         Field{"d", Scalar::kInt64}, Field{"e", Scalar::kInt32}, Field{"f", Scalar::kChar, 3}}};
    CHECK(size_of(reorder(record, linux64()), linux64()) == 32);
    // Three holes of 24 bytes, for 16 + 8, 12 + 12 and 24: taking the largest that fits goes wrong.
    const auto line = [](const char* name) {
        return Field{.name = name, .type = Scalar::kInt64, .min_align = 32};
    };
    const Record packing{"Packing",
                         {line("a"), line("b"), line("c"), Field{"d", Scalar::kInt32, 3},
                          Field{"e", Scalar::kInt32, 4}, Field{"f", Scalar::kInt32, 3},
                          Field{"g", Scalar::kInt32, 6}, Field{"h", Scalar::kInt32, 2}}};
    CHECK(size_of(reorder(packing, linux64()), linux64()) == 96);
}

TEST_CASE("a record that is as small as it can be comes back as it is", "[reorder]") {
    WHY("an order that was chosen for a reason is not to be given up for nothing");
    const Record ascending{
        "A",
        {Field{"a", Scalar::kChar}, Field{"b", Scalar::kChar}, Field{"c", Scalar::kInt16},
         Field{"d", Scalar::kInt32}, Field{"e", Scalar::kDouble}}};
    CHECK(names(reorder(ascending, linux64())) == names(ascending));
    const Record padded{"P", {Field{"c", Scalar::kChar}, Field{"d", Scalar::kDouble}}};
    CHECK(names(reorder(padded, linux64())) == names(padded));
    SEEDED_RNG(rng);
    for (int i = 0; i < 300; ++i) {
        const Record best = reorder(shuffled_small(rng), linux64());
        INFO(declaration(best));
        const bool unchanged = reorder(best, linux64()) == best;
        REQUIRE(unchanged);
    }
}

TEST_CASE("fields of equal size and alignment keep their order", "[reorder]") {
    WHY("the fewer fields move, the easier the change is to read, and to trust");
    const Record record{"R",
                        {Field{"flag1", Scalar::kBool}, Field{"id1", Scalar::kInt64},
                         Field{"flag2", Scalar::kChar}, Field{"id2", Scalar::kDouble},
                         Field{"flag3", Scalar::kInt8}, Field{"id3", Scalar::kPointer}}};
    const std::vector<std::string> list = names(reorder(record, linux64()));
    const auto before = [&](const char* first, const char* second) {
        return std::ranges::find(list, first) < std::ranges::find(list, second);
    };
    CHECK(before("id1", "id2"));
    CHECK(before("id2", "id3"));
    CHECK(before("flag1", "flag2"));
    CHECK(before("flag2", "flag3"));

    SEEDED_RNG(rng);
    for (int i = 0; i < 500; ++i) {
        const Record random = shuffled_small(rng);
        const Record best = reorder(random, linux64());
        const std::vector<Brick> bricks = bricks_of(best, linux64());
        bool kept = true;
        for (std::size_t x = 0; x < bricks.size(); ++x)
            for (std::size_t y = x + 1; y < bricks.size(); ++y)
                if (bricks[x].size == bricks[y].size && bricks[x].align == bricks[y].align)
                    // Of up to ten fields, named f0, f1, …, the names tell the order.
                    kept = kept && best.fields[x].name < best.fields[y].name;
        INFO(declaration(random) << "reordered:\n" << declaration(best));
        REQUIRE(kept);
    }
}

TEST_CASE("nothing but the order changes", "[reorder]") {
    WHY("an optimizer that loses an alignas or who writes a field breaks what it should mend");
    const Record nested{"Nested", {Field{"x", Scalar::kChar}, Field{"y", Scalar::kInt32}}};
    const Record record{
        "Everything",
        {Field{"a", Scalar::kChar, 1, Access{true, 3}}, Field{"b", nested, 2},
         Field{"c", Scalar::kBool}, Field{.name = "d", .type = Scalar::kInt16, .min_align = 8},
         Field{"e", Scalar::kInt64, 2, Access{false, 0}}, Field{"f", Scalar::kInt16}},
        32};
    const Record best = reorder(record, linux64());
    CHECK(best.name == "Everything");
    CHECK(best.min_align == 32);
    CHECK_FALSE(best.packed);
    REQUIRE(sorted_names(best) == sorted_names(record));
    for (const Field& field : record.fields) {
        const auto found = std::ranges::find(best.fields, field.name, &Field::name);
        INFO("field " << field.name);
        const bool same = *found == field;
        CHECK(same);
    }
    Record packed = record;
    packed.packed = true;
    CHECK(reorder(packed, linux64()).packed);
}

TEST_CASE("what is best depends on the target", "[reorder]") {
    WHY("on i386 this record has no hole; on x86-64 it has two");
    const Record record{
        "R", {Field{"a", Scalar::kInt32}, Field{"b", Scalar::kDouble}, Field{"c", Scalar::kInt32}}};
    CHECK(names(reorder(record, target("i386-linux"))) == names(record));
    CHECK(size_of(reorder(record, linux64()), linux64()) == 16);
}

TEST_CASE("sixty fields are sorted out at once", "[reorder]") {
    WHY("there are 10 to the 81st orders of sixty fields; no one can try them");
    const support::Watchdog watchdog(5s, "reorder of 60 fields did not end",
                                     "fields without alignas need no search");
    Record record{"Wide", {}};
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < 60; ++i) {
        const Scalar scalar =
            std::array{Scalar::kChar, Scalar::kDouble, Scalar::kInt16, Scalar::kInt32}[i % 4];
        record.fields.push_back(Field{"f" + std::to_string(i), scalar, 1 + i % 7});
        bytes += linux64().find(scalar)->size * (1 + i % 7);
    }
    const Record best = reorder(record, linux64());
    CHECK(sorted_names(best) == sorted_names(record));
    CHECK(size_of(best, linux64()) == up(bytes, 8));
}

TEST_CASE("reorder refuses what place refuses", "[reorder]") {
    WHY("there is no best order of a record that cannot be laid out");
    CHECK_THROWS_AS(reorder({"Empty", {}}, linux64()), std::invalid_argument);
    CHECK_THROWS_AS(reorder({"R", {Field{"z", Scalar::kChar, 0}}}, linux64()),
                    std::invalid_argument);
    CHECK_THROWS_AS(reorder({"R", {Field{"x", Scalar::kInt128}}}, target("i386-linux")),
                    std::invalid_argument);
    CHECK_THROWS_AS(reorder({"R", {Field{"x", Scalar::kDouble, ~std::uint64_t{0}}}}, linux64()),
                    std::length_error);
}
