#include "support/suite.hpp"

#include <layout_optimizer.hpp>

#include "linux64.hpp"
#include "place_checks.hpp"

using namespace cacheline;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("a record without fields is refused by its name", "[place]") {
    WHY("C forbids it and C++ gives it one byte: better to ask than to guess");
    CHECK_THROWS_MATCHES(place({"Empty", {}}, linux64()), std::invalid_argument,
                         MessageMatches(ContainsSubstring("Empty")));
    const Record outer{"Outer", {Field{"inner", Record{"Hollow", {}}}}};
    CHECK_THROWS_MATCHES(place(outer, linux64()), std::invalid_argument,
                         MessageMatches(ContainsSubstring("Hollow")));
}

TEST_CASE("an array of no elements is refused by its name", "[place]") {
    WHY("a flexible array member has no size to plan with");
    const Record record{"Packet",
                        {Field{"length", Scalar::kInt32}, Field{"tail", Scalar::kChar, 0}}};
    CHECK_THROWS_MATCHES(place(record, linux64()), std::invalid_argument,
                         MessageMatches(ContainsSubstring("Packet") && ContainsSubstring("tail")));
}

TEST_CASE("a type that the target has not is refused by its field", "[place]") {
    WHY("a size of zero would be laid out without a word, and be wrong");
    const Record record{"Money", {Field{"cents", Scalar::kInt128}}};
    CHECK(word_on("x86_64-linux", record) == "16:16:0");
    for (const std::string_view name : {"i386-linux", "arm-linux", "x86_64-windows"}) {
        INFO(name);
        CHECK_THROWS_MATCHES(
            place(record, target(name)), std::invalid_argument,
            MessageMatches(ContainsSubstring("Money") && ContainsSubstring("cents")));
    }
    const Record none{"Odd", {Field{"what", static_cast<Scalar>(200)}}};
    CHECK_THROWS_AS(place(none, linux64()), std::invalid_argument);
    Type moved = Record{"Gone", {Field{"c", Scalar::kChar}}};
    const Type taken = std::move(moved);
    // Using it is the fault that is to be found out. NOLINTNEXTLINE(bugprone-use-after-move)
    CHECK_THROWS_AS(place({"Husk", {Field{"inner", moved}}}, linux64()), std::invalid_argument);
    CHECK(place({"Whole", {Field{"inner", taken}}}, linux64()).size == 1);
}

TEST_CASE("an alignment that is no power of two is refused by its place", "[place]") {
    WHY("rounding up with a mask takes 24 and yields nonsense");
    for (const std::uint64_t align : {3U, 24U, 65U}) {
        INFO("alignment " << align);
        const Record field{"R", {Field{.name = "odd", .type = Scalar::kChar, .min_align = align}}};
        CHECK_THROWS_MATCHES(place(field, linux64()), std::invalid_argument,
                             MessageMatches(ContainsSubstring("odd")));
        const Record whole{"Crooked", {Field{"c", Scalar::kChar}}, align};
        CHECK_THROWS_MATCHES(place(whole, linux64()), std::invalid_argument,
                             MessageMatches(ContainsSubstring("Crooked")));
    }
}

TEST_CASE("a bit-field that C forbids is refused by its field", "[place]") {
    WHY("a width that no compiler takes would be laid out without a word, and be wrong");
    const auto refused = [](Field field) {
        field.name = "odd";
        CHECK_THROWS_MATCHES(place({"R", {Field{"c", Scalar::kChar}, field}}, linux64()),
                             std::invalid_argument, MessageMatches(ContainsSubstring("odd")));
    };
    const Record point{"Point", {Field{"x", Scalar::kInt32}}};
    refused({.name = "", .type = Scalar::kInt32, .bits = 33});
    refused({.name = "", .type = Scalar::kBool, .bits = 2});
    refused({.name = "", .type = Scalar::kFloat, .bits = 3});
    refused({.name = "", .type = Scalar::kPointer, .bits = 3});
    refused({.name = "", .type = point, .bits = 3});
    refused({.name = "", .type = Scalar::kInt32, .count = 2, .bits = 3});
    refused({.name = "", .type = Scalar::kInt32, .bits = 0});
    CHECK_THROWS_MATCHES(
        place({"Gap", {Field{.name = "", .type = Scalar::kInt32, .bits = 3}}}, linux64()),
        std::invalid_argument, MessageMatches(ContainsSubstring("Gap")));
    const Field aligned{.name = "", .type = Scalar::kInt32, .min_align = 8, .bits = 0};
    CHECK_THROWS_AS(place({"R", {Field{"c", Scalar::kChar}, aligned}}, linux64()),
                    std::invalid_argument);
}

TEST_CASE("a flexible array that C forbids is refused by its field", "[place]") {
    WHY("what goes on behind the record can be followed by nothing");
    const Field rest{.name = "rest", .type = Scalar::kChar, .flexible = true};
    const Field length{"length", Scalar::kInt32};
    const auto refused = [](const Record& record, const char* name) {
        CHECK_THROWS_MATCHES(place(record, linux64()), std::invalid_argument,
                             MessageMatches(ContainsSubstring(name)));
    };
    refused({"R", {rest}}, "rest");
    refused({"R", {rest, length}}, "rest");
    Record either{"U", {length, rest}};
    either.is_union = true;
    refused(either, "rest");
    const Record packet{"Packet", {length, rest}};
    refused({"Outer", {Field{"packet", packet}}}, "packet");
    refused({"Outer", {length, Field{"packets", packet, 3}}}, "packets");
    CHECK(word_on("x86_64-linux", packet) == "4:4:0,4");
}

TEST_CASE("a limit of packing that is no power of two is refused by its record", "[place]") {
    WHY("compilers ignore such a pragma or refuse it: better to ask than to guess");
    Record record{"Crooked", {Field{"c", Scalar::kChar}}};
    record.pack = 3;
    CHECK_THROWS_MATCHES(place(record, linux64()), std::invalid_argument,
                         MessageMatches(ContainsSubstring("Crooked")));
}

TEST_CASE("a type that was seen on another target is refused where it may differ", "[place]") {
    WHY("a size_t that is described as a long has another size on Windows, and nobody would see");
    Record record{"Job", {Field{"count", Scalar::kUnsignedLong}}};
    record.fields[0].seen_on = "x86_64-linux";
    CHECK(word_on("x86_64-linux", record) == "8:8:0");
    CHECK(word_on("aarch64-apple", record) == "8:8:0");
    for (const std::string_view name : {"x86_64-windows", "i386-linux", "wasm32"}) {
        INFO(name);
        CHECK_THROWS_MATCHES(
            place(record, target(name)), std::invalid_argument,
            MessageMatches(ContainsSubstring("Job") && ContainsSubstring("count")));
    }
    record.fields[0].type = Record{"opaque", {Field{"bytes", Scalar::kUint64}}};
    CHECK_THROWS_AS(place(record, target("aarch64-linux")), std::invalid_argument);
    record.fields[0] = Field{"count", Scalar::kSize};
    CHECK(word_on("i386-linux", record) == "4:4:0");
}

TEST_CASE("sizes that overflow are refused and never wrap round", "[place]") {
    WHY("2 to the 61st doubles are 2 to the 64th bytes, which 64 bits take for zero");
    const auto record = [](Scalar scalar, std::uint64_t count) {
        return Record{"Huge", {Field{"c", Scalar::kChar}, Field{"big", scalar, count}}};
    };
    constexpr std::uint64_t kOne = 1;
    CHECK_THROWS_MATCHES(place(record(Scalar::kDouble, kOne << 61), linux64()), std::length_error,
                         MessageMatches(ContainsSubstring("Huge")));
    CHECK_THROWS_AS(place(record(Scalar::kChar, ~std::uint64_t{0}), linux64()), std::length_error);
    CHECK_THROWS_AS(place(record(Scalar::kChar, (kOne << 63) - 1), linux64()), std::length_error);
    CHECK(place(record(Scalar::kChar, (kOne << 63) - 2), linux64()).size == (kOne << 63) - 1);
    // 2 GiB are too much for 32 bits only.
    CHECK(place(record(Scalar::kInt32, kOne << 29), linux64()).size == (kOne << 31) + 4);
    CHECK_THROWS_AS(place(record(Scalar::kInt32, kOne << 29), target("i386-linux")),
                    std::length_error);
    // The tail padding is what tips it over, and the nested record what repeats it.
    const Record padded{"Padded", {Field{"b", Scalar::kChar, (kOne << 63) - 3}}, 4};
    CHECK_THROWS_AS(place(padded, linux64()), std::length_error);
    const Record tower{"Tower", {Field{"floor", record(Scalar::kChar, kOne << 40), kOne << 30}}};
    CHECK_THROWS_MATCHES(place(tower, linux64()), std::length_error,
                         MessageMatches(ContainsSubstring("Tower")));
    const Record far{"Far",
                     {Field{"c", Scalar::kChar},
                      Field{.name = "d", .type = Scalar::kChar, .min_align = kOne << 63}}};
    CHECK_THROWS_AS(place(far, linux64()), std::length_error);
    const Record far_bits{
        "FarBits",
        {Field{"c", Scalar::kChar},
         Field{.name = "b", .type = Scalar::kInt32, .min_align = kOne << 62, .bits = 3}}};
    CHECK_THROWS_AS(place(far_bits, linux64()), std::length_error);
}
