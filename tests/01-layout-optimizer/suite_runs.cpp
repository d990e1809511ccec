// Bit-fields, unions and flexible arrays in the steps behind place.

#include "support/suite.hpp"

#include <layout_optimizer.hpp>

#include "bits.hpp"
#include "linux64.hpp"
#include "run_oracle.hpp"

using namespace cacheline;

namespace {

Record both_ways() {
    Record value{"Value",
                 {Field{"n", Scalar::kChar, 3, Access{true, 0}},
                  Field{"d", Scalar::kDouble, 1, Access{false, 1}}}};
    value.is_union = true;
    return value;
}

std::string kinds_and_fields(const std::vector<Finding>& findings) {
    std::string text;
    for (const Finding& finding : findings) {
        text += name(finding.kind);
        for (const std::string& field : finding.fields)
            text += ' ' + field;
        text += '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("a run of bit-fields moves as one, in its order", "[reorder]") {
    WHY("bit-fields side by side are one memory location: to part or to join them changes which "
        "threads may write what");
    SEEDED_RNG(rng);
    for (int i = 0; i < 1000; ++i) {
        const Record record = random_runs(rng);
        const Target& on = kTargets[static_cast<std::size_t>(i) % kTargets.size()];
        const Record best = reorder(record, on);
        INFO("on " << on.name << "\n"
                   << declaration(record) << "reordered:\n"
                   << declaration(best));
        REQUIRE(sorted_parts(best) == sorted_parts(record));
    }
}

TEST_CASE("no order of runs and other fields is smaller, by brute force", "[reorder]") {
    WHY("where a run goes decides how many bits it leaves empty, and each target has its rule");
    SEEDED_RNG(rng);
    for (int i = 0; i < 1000; ++i) {
        const Record record = random_runs(rng);
        const Target& on = kTargets[static_cast<std::size_t>(i) % kTargets.size()];
        const Record best = reorder(record, on);
        INFO("on " << on.name << "\n"
                   << declaration(record) << "reordered:\n"
                   << declaration(best));
        REQUIRE(place(best, on).size == least_size_of_parts(record, on));
    }
}

TEST_CASE("a flexible array stays last and a union stays as it is", "[reorder]") {
    WHY("what goes on behind the record can go nowhere else, and a union has no order");
    const Record packet{
        "Packet",
        {Field{"kind", Scalar::kChar}, Field{"id", Scalar::kInt64}, Field{"flag", Scalar::kChar},
         Field{.name = "rest", .type = Scalar::kInt64, .flexible = true}}};
    const Record best = reorder(packet, linux64());
    CHECK(best.fields.back().name == "rest");
    CHECK(place(best, linux64()).size == 16);
    const bool unchanged = reorder(both_ways(), linux64()) == both_ways();
    CHECK(unchanged);
}

TEST_CASE("a run that one thread writes keeps off the lines of the others", "[share]") {
    WHY("a store to one bit-field may rewrite its neighbours, so the whole run is its writer's");
    const Record record{
        "R",
        {bits("a", Scalar::kUint32, 3, Access{false, 0}), bits("b", Scalar::kUint32, 5),
         Field{"gap", Scalar::kInt32}, bits("c", Scalar::kUint32, 4, Access{false, 1}),
         Field{"n", Scalar::kInt64, 1, Access{false, 0}}}};
    for (const std::string_view name : {"x86_64-linux", "x86_64-windows", "aarch64-apple"}) {
        INFO(name);
        const Target& on = target(name);
        const Record apart = separate(record, on);
        INFO(declaration(apart));
        CHECK(sorted_parts(apart) == sorted_parts(record));
        const Layout layout = place(apart, on);
        CHECK(layout.size == 2 * on.cache_line);
        CHECK(layout.align == on.cache_line);
        const auto line_of = [&](const char* field) {
            return std::ranges::find(layout.fields, field, &FieldLayout::name)->offset /
                   on.cache_line;
        };
        CHECK(line_of("a") == line_of("n"));
        CHECK(line_of("b") == line_of("n"));
        CHECK(line_of("c") != line_of("n"));
    }
}

TEST_CASE("a run that several threads write stays whole and shares with no other", "[share]") {
    WHY("no layout parts what is one memory location, but the counter beside it can be saved");
    const Record record{"R",
                        {bits("a", Scalar::kUint32, 3, Access{false, 0}),
                         bits("b", Scalar::kUint32, 5, Access{false, 1}),
                         Field{"n", Scalar::kInt64, 1, Access{false, 0}},
                         Field{"m", Scalar::kInt64, 1, Access{false, 1}}}};
    const Record apart = separate(record, linux64());
    INFO(declaration(apart));
    CHECK(sorted_parts(apart) == sorted_parts(record));
    CHECK(place(apart, linux64()).size == 3 * 64);
}

TEST_CASE("the fields of a union are not kept apart", "[share]") {
    WHY("they share their bytes on purpose");
    const bool unchanged = separate(both_ways(), linux64()) == both_ways();
    CHECK(unchanged);
}

TEST_CASE("where packing keeps fields from starting a line, the record comes back", "[share]") {
    WHY("a pragma pack wins over alignas, so there is no way to part two counters");
    Record record{"R",
                  {Field{"a", Scalar::kInt64, 1, Access{false, 0}},
                   Field{"b", Scalar::kInt64, 1, Access{false, 1}}}};
    record.pack = 4;
    const bool unchanged = separate(record, linux64()) == record;
    CHECK(unchanged);
    CHECK(place(separate(record, target("x86_64-windows")), target("x86_64-windows")).size == 128);
}

TEST_CASE("false sharing of bit-fields counts their runs", "[advise]") {
    WHY("two threads that write neighbouring bits of a run lose updates, not only time");
    const Record record{"R",
                        {bits("a", Scalar::kUint32, 3, Access{false, 0}),
                         bits("b", Scalar::kUint32, 5, Access{false, 1}),
                         bits("", Scalar::kUint32, 2, Access{false, 2}),
                         Field{"c", Scalar::kInt32, 1, Access{false, 0}}}};
    CHECK(kinds_and_fields(review(record, linux64())) == "false-sharing a b\nfalse-sharing b c\n");
    // The bit of thread 0 lies beyond the line, the run's first one on it.
    const Record long_run{
        "L",
        {Field{"n", Scalar::kInt32, 15, Access{false, 1}}, bits("x", Scalar::kUint32, 32),
         bits("y", Scalar::kUint32, 3, Access{false, 0})},
        128};
    CHECK(kinds_and_fields(review(long_run, linux64())) == "false-sharing n y\n");
}

TEST_CASE("a union has nothing to do", "[advise]") {
    WHY("its fields lie on each other on purpose, and it has no order");
    CHECK(kinds_and_fields(review(both_ways(), linux64())) == "nothing\n");
}

TEST_CASE("advice for records with runs and flexible arrays can be followed", "[advise]") {
    WHY("a flexible array is no record by itself, and half a run is none");
    const Record packet{
        "Packet",
        {Field{"head", Scalar::kChar, 100},
         Field{.name = "rest", .type = Scalar::kChar, .access = {.hot = true}, .flexible = true}}};
    CHECK(kinds_and_fields(review(packet, linux64())) == "nothing\n");
    const Record record{
        "R",
        {bits("a", Scalar::kUint32, 3, Access{.hot = true}), bits("b", Scalar::kUint32, 5),
         Field{"cold", Scalar::kInt32, 30}, Field{"n", Scalar::kInt32, 1, Access{.hot = true}},
         Field{"more", Scalar::kInt32, 30}}};
    CHECK(kinds_and_fields(review(record, linux64())) == "split cold more\n");
}
