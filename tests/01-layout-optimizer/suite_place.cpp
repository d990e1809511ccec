#include "support/suite.hpp"

#include <layout_optimizer.hpp>

#include "linux64.hpp"
#include "place_checks.hpp"

using namespace cacheline;

TEST_CASE("each field starts at the next multiple of its alignment", "[place]") {
    WHY("a load of eight bytes wants an address that is a multiple of eight: the gap is padding");
    const Record order{"Order",
                       {Field{"side", Scalar::kChar}, Field{"price", Scalar::kDouble},
                        Field{"lots", Scalar::kInt32}, Field{"flags", Scalar::kUint16}}};
    const Layout layout = place(order, linux64());
    REQUIRE(layout.fields.size() == 4);
    CHECK(layout.fields[0].name == "side");
    CHECK(layout.fields[0].offset == 0);
    CHECK(layout.fields[1].offset == 8);
    CHECK(layout.fields[1].padding_before == 7);
    CHECK(layout.fields[1].size == 8);
    CHECK(layout.fields[1].align == 8);
    CHECK(layout.fields[2].offset == 16);
    CHECK(layout.fields[3].offset == 20);
    CHECK(layout.fields[3].padding_before == 0);
    CHECK(layout.align == 8);
}

TEST_CASE("the size is a multiple of the alignment, so that arrays work", "[place]") {
    WHY("the second element of an array stands sizeof bytes behind the first and must be aligned "
        "too");
    const Record record{"R", {Field{"d", Scalar::kDouble}, Field{"c", Scalar::kChar}}};
    const Layout layout = place(record, linux64());
    CHECK(layout.size == 16);
    CHECK(layout.tail_padding == 7);
    CHECK(layout.padding() == 7);
    CHECK(word_on("x86_64-linux", {"S", {Field{"c", Scalar::kChar, 3}}}) == "3:1:0");
}

TEST_CASE("an array is aligned like one element and a nested record like its most aligned field",
          "[place]") {
    WHY("twelve chars need no more alignment than one, however large they are together");
    const Record point{"Point", {Field{"x", Scalar::kInt32}, Field{"tag", Scalar::kChar}}};
    CHECK(word_on("x86_64-linux", {"A",
                                   {Field{"c", Scalar::kChar}, Field{"name", Scalar::kChar, 12},
                                    Field{"n", Scalar::kInt16, 5},
                                    Field{"d", Scalar::kDouble, 2}}}) == "40:8:0,1,14,24");
    CHECK(word_on("x86_64-linux", {"B",
                                   {Field{"c", Scalar::kChar}, Field{"p", point, 3},
                                    Field{"e", Scalar::kChar}}}) == "32:4:0,4,28");
}

TEST_CASE("the target decides how large and how aligned a type is", "[place]") {
    WHY("a layout that is right here is wrong on the next machine: i386 puts a double at 4");
    const Record record{"R",
                        {Field{"c", Scalar::kChar}, Field{"d", Scalar::kDouble},
                         Field{"l", Scalar::kLong}, Field{"w", Scalar::kWchar},
                         Field{"x", Scalar::kLongDouble}, Field{"p", Scalar::kPointer}}};
    CHECK(word_on("x86_64-linux", record) == "64:16:0,8,16,24,32,48");
    CHECK(word_on("i386-linux", record) == "36:4:0,4,12,16,20,32");
    CHECK(word_on("x86_64-windows", record) == "40:8:0,8,16,20,24,32");
    CHECK(word_on("aarch64-apple", record) == "48:8:0,8,16,24,32,40");
    CHECK(word_on("s390x-linux", record) == "56:8:0,8,16,24,32,48");
    CHECK(word_on("wasm32", record) == "64:16:0,8,16,20,32,48");
}

TEST_CASE("alignas raises the alignment of a field or a record and never lowers it", "[place]") {
    WHY("alignas moves a field; what follows it may start right behind its last byte");
    const Record field{
        "F",
        {Field{"a", Scalar::kChar}, Field{.name = "b", .type = Scalar::kInt32, .min_align = 16},
         Field{"c", Scalar::kChar}}};
    CHECK(word_on("x86_64-linux", field) == "32:16:0,16,20");
    const Record weak{"W", {Field{.name = "a", .type = Scalar::kInt64, .min_align = 2}}, 4};
    CHECK(word_on("x86_64-linux", weak) == "8:8:0");
    const Record whole{"A", {Field{"a", Scalar::kChar}}, 64};
    CHECK(word_on("x86_64-linux", whole) == "64:64:0");
    CHECK(word_on("x86_64-linux", {"N", {Field{"c", Scalar::kChar}, Field{"n", whole, 2}}}) ==
          "192:64:0,64");
}

TEST_CASE("a packed record has no padding but where alignas asks for it", "[place]") {
    WHY("files and protocols are packed; epoll_event is, on x86-64, so that 32-bit programs agree");
    const Record event{
        "epoll_event", {Field{"events", Scalar::kUint32}, Field{"data", Scalar::kUint64}}, 0, true};
    CHECK(word_on("x86_64-linux", event) == "12:1:0,4");
    const Record holder{"Holder", {Field{"c", Scalar::kChar}, Field{"e", event, 2}}};
    CHECK(word_on("x86_64-linux", holder) == "25:1:0,1");
    Record mixed = event;
    mixed.fields.push_back(Field{.name = "f", .type = Scalar::kInt16, .min_align = 8});
    CHECK(word_on("x86_64-linux", mixed) == "24:8:0,4,16");
    const Record padded{"Padded", {Field{"c", Scalar::kChar}, Field{"i", Scalar::kInt32}}};
    const Record around{"Around", {Field{"c", Scalar::kChar}, Field{"p", padded}}, 0, true};
    CHECK(word_on("x86_64-linux", around) == "9:1:0,1");
}

TEST_CASE("what packing leaves of a nested alignment is the target's affair", "[place]") {
    WHY("Microsoft's compiler keeps a declared alignment where all others pack it away");
    const Record vector{"Vector", {Field{"x", Scalar::kFloat, 4}}, 16};
    const Record nested{"Nested", {Field{"c", Scalar::kChar}, Field{"v", vector}}};
    const Record packed{"Packed", {Field{"c", Scalar::kChar}, Field{"n", nested}}, 0, true};
    CHECK(word_on("x86_64-linux", packed) == "33:1:0,1");
    CHECK(word_on("x86_64-windows", packed) == "48:16:0,16");
}

TEST_CASE("cache lines are counted from the start of the record, in the target's lines",
          "[place]") {
    WHY("a record of exactly one line touches one line, and one byte more touches two");
    const auto lines = [](std::uint64_t bytes, std::string_view name) {
        return place({"R", {Field{"b", Scalar::kUint8, bytes}}}, target(name)).cache_lines;
    };
    CHECK(lines(1, "x86_64-linux") == 1);
    CHECK(lines(64, "x86_64-linux") == 1);
    CHECK(lines(65, "x86_64-linux") == 2);
    CHECK(lines(128, "aarch64-apple") == 1);
    CHECK(lines(257, "s390x-linux") == 2);
}
