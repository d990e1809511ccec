#include "support/suite.hpp"

#include <layout_optimizer.hpp>

#include "bits.hpp"
#include "linux64.hpp"
#include "place_checks.hpp"
#include "support/watchdog.hpp"

using namespace cacheline;
using namespace std::chrono_literals;

TEST_CASE("bit-fields fill the units of their types, and the gaps count in bits", "[place]") {
    WHY("a flag of one bit costs a bit only where the next one goes into the same unit");
    const Record flags{"Flags",
                       {bits("a", Scalar::kUint32, 20), bits("b", Scalar::kUint32, 20),
                        Field{"c", Scalar::kChar}}};
    const Layout layout = place(flags, linux64());
    REQUIRE(layout.fields.size() == 3);
    CHECK(word_of(flags, layout) == "8:4:0.0,4.0,7");
    CHECK(layout.fields[0].size == 3);
    CHECK(layout.fields[0].bits == 20);
    CHECK(layout.fields[1].padding_before == 1);
    CHECK(layout.fields[1].bit_padding_before == 4);
    CHECK(layout.fields[2].padding_before == 0);
    CHECK(layout.fields[2].bit_padding_before == 4);
    CHECK(layout.padding() == 1);
    CHECK(layout.bit_padding() == 8);
    CHECK(layout.holes() == 1);
    CHECK(layout.bit_holes() == 2);
    CHECK(layout.last_line_bytes == 8);
}

TEST_CASE("the target's rule decides where a bit-field goes", "[place]") {
    WHY("Microsoft gives each type a unit of its own, and Arm lets even nameless ones align");
    const Record mixed{"Mixed",
                       {Field{"c", Scalar::kChar}, bits("a", Scalar::kInt32, 3),
                        bits("b", Scalar::kInt8, 3), bits("", Scalar::kInt32, 2)}};
    CHECK(word_on("x86_64-linux", mixed) == "4:4:0,1.0,1.3,1.6");
    CHECK(word_on("x86_64-windows", mixed) == "16:4:0,4.0,8.0,12.0");
    const Record gap{"Gap", {Field{"c", Scalar::kChar}, bits("", Scalar::kInt32, 0)}};
    CHECK(word_on("x86_64-linux", gap) == "4:1:0,4.0");
    CHECK(word_on("aarch64-linux", gap) == "4:4:0,4.0");
    CHECK(word_on("aarch64-apple", gap) == "4:1:0,4.0");
    CHECK(word_on("x86_64-windows", gap) == "1:1:0,1.0");
}

TEST_CASE("the fields of a union all start at 0", "[place]") {
    WHY("a union is as large as its largest field, rounded up to its alignment");
    Record value{"Value", {Field{"i", Scalar::kInt64}, Field{"text", Scalar::kChar, 11}}};
    value.is_union = true;
    const Layout layout = place(value, linux64());
    CHECK(word_of(value, layout) == "16:8:0,0");
    CHECK(layout.tail_padding == 5);
    CHECK(layout.padding() == 5);
    const Record tagged{"Tagged", {Field{"tag", Scalar::kChar}, Field{"value", value}}};
    CHECK(word_on("i386-linux", tagged) == "16:4:0,4");
}

TEST_CASE("a flexible array takes no room, but its alignment counts", "[place]") {
    WHY("malloc(sizeof(Packet) + n) is how such a record is made, so sizeof must be right");
    const Record packet{"Packet",
                        {Field{"length", Scalar::kInt32}, Field{"kind", Scalar::kChar},
                         Field{.name = "bytes", .type = Scalar::kChar, .flexible = true}}};
    const Layout layout = place(packet, linux64());
    CHECK(word_of(packet, layout) == "8:4:0,4,5");
    CHECK(layout.fields.back().size == 0);
    CHECK(layout.tail_padding == 3);
    Record wide = packet;
    wide.fields.back().type = Scalar::kDouble;
    CHECK(word_on("x86_64-linux", wide) == "8:8:0,4,8");
    CHECK(word_on("i386-linux", wide) == "8:4:0,4,8");
}

TEST_CASE("a part can be packed, or packed to a limit", "[place]") {
    WHY("one packed field leaves the others theirs, and pack(2) leaves each at most two");
    Record record{
        "R", {Field{"c", Scalar::kChar}, Field{"i", Scalar::kInt32}, Field{"d", Scalar::kDouble}}};
    record.fields[1].packed = true;
    CHECK(word_on("x86_64-linux", record) == "16:8:0,1,8");
    record.fields[1].packed = false;
    record.pack = 2;
    CHECK(word_on("x86_64-linux", record) == "14:2:0,2,6");
    record.fields[2].min_align = 16;
    CHECK(word_on("x86_64-linux", record) == "14:2:0,2,6");
    CHECK(word_on("x86_64-windows", record) == "32:16:0,2,16");
}

TEST_CASE("records that share their parts are laid out in linear time", "[place]") {
    WHY("two fields of one type, forty levels deep, are a trillion ways to the innermost");
    const support::Watchdog watchdog(5s, "place of shared records did not end",
                                     "a nested record that was placed once need not be again");
    Record level{"Level", {Field{"a", Scalar::kUint8}}};
    for (int depth = 0; depth < 40; ++depth) {
        const Type type = level;
        level = Record{"Level", {Field{"left", type}, Field{"right", type}}};
    }
    CHECK(place(level, linux64()).size == std::uint64_t{1} << 40);
}
