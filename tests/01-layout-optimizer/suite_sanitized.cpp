// The cases that run under the sanitizers too: many records through each function. The other files'
// cases ask whether the answers are right, once, in the release build.

#include "support/suite.hpp"

#include <filesystem>
#include <layout_optimizer.hpp>

#include "random_access.hpp"
#include "random_records.hpp"
#include "run_oracle.hpp"
#include "support/watchdog.hpp"

using namespace cacheline;
using namespace std::chrono_literals;

namespace {

const Target& target_number(std::size_t i) {
    return kTargets[i % kTargets.size()];
}

Record wide(std::mt19937_64& rng, std::size_t count) {
    Record record{"Wide", {}};
    for (std::size_t i = 0; i < count; ++i) {
        Field field{'f' + std::to_string(i), static_cast<Scalar>(rng() % 10), 1 + rng() % 9};
        field.access = {rng() % 4 == 0, static_cast<int>(rng() % 7) - 1};
        if (rng() % 10 == 0) field.min_align = 32;
        record.fields.push_back(field);
    }
    return record;
}

}  // namespace

TEST_CASE("place is sound on random records and absurd sizes", "[place][asan]") {
    WHY("the sanitizers see a read past the end, or a shift too far, that the result may not show");
    SEEDED_RNG(rng);
    std::size_t without_size = 0;
    for (std::size_t i = 0; i < 1000; ++i) {
        const std::uint64_t max_fields = 9;
        const Make what = i % 2 == 0 ? Make::kPlain : Make::kAllKinds;
        const Record record = RandomRecords(rng(), max_fields, what).make("R");
        if (place(record, target_number(i)).size == 0) ++without_size;
    }
    CHECK(without_size == 0);
    for (const std::uint64_t count : {~std::uint64_t{0}, std::uint64_t{1} << 63}) {
        const Record huge{"Huge", {Field{"c", Scalar::kChar}, Field{"d", Scalar::kDouble, count}}};
        CHECK_THROWS_AS(place(huge, target_number(0)), std::length_error);
    }
}

TEST_CASE("reorder is sound on short and long records", "[reorder][asan]") {
    WHY("searches index tables by sets and counts: one too many is memory of someone else's");
    SEEDED_RNG(rng);
    std::size_t lost = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        const Record plain = i == 0 ? wide(rng, 60) : RandomRecords(rng(), 7).make("R");
        const Record record = i % 2 == 0 ? plain : random_runs(rng);
        if (reorder(record, target_number(i)).fields.size() != record.fields.size()) ++lost;
    }
    CHECK(lost == 0);
}

TEST_CASE("separate is sound on short and long records", "[share][asan]") {
    WHY("searches index tables by sets and counts: one too many is memory of someone else's");
    const support::Watchdog watchdog(8s, "separate did not end",
                                     "a search through all orders of thirty fields does not scale");
    SEEDED_RNG(rng);
    std::size_t lost = 0;
    for (std::size_t i = 0; i < 50; ++i) {
        const Record record = i == 0 ? wide(rng, 30) : random_shared(rng, 5);
        if (separate(record, target_number(i)).fields.size() != record.fields.size()) ++lost;
    }
    CHECK(lost == 0);
}

TEST_CASE("review is sound on random records", "[advise][asan]") {
    WHY("findings copy names out of records: views into one that is gone would be read here");
    SEEDED_RNG(rng);
    std::size_t silent = 0;
    for (std::size_t i = 0; i < 50; ++i)
        if (review(random_shared(rng, 5), target_number(i)).empty()) ++silent;
    CHECK(silent == 0);
}

TEST_CASE("a report of many records is sound, written or not", "[report][asan]") {
    WHY("a report keeps records, layouts and findings together: none may point into another's");
    SEEDED_RNG(rng);
    LayoutReport report(target_number(0));
    std::vector<Record> records;
    for (int i = 0; i < 20; ++i)
        records.push_back(random_shared(rng, 5));
    report.add(records);
    report.add(records.front());
    CHECK(report.markdown().size() > 1000);
    CHECK(report.json().size() > 1000);
    const LayoutReport copy = report;
    CHECK(copy.json() == report.json());
    const std::filesystem::path nowhere = "/nowhere/at all/layout.md";
    CHECK_THROWS_AS(report.save(nowhere), std::filesystem::filesystem_error);
}
