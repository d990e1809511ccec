// Records too long to try every order.

#include "support/suite.hpp"

#include <layout_optimizer.hpp>
#include <map>

#include "annotated.hpp"
#include "linux64.hpp"
#include "oracle.hpp"
#include "random_access.hpp"

using namespace cacheline;

namespace {

// The contract's yardstick: each thread's fields in a group that starts a line, by alignment, and
// behind each group, as long as one fits, the largest field that nobody writes.
std::uint64_t size_in_groups(const Record& record, const Target& target) {
    std::vector<Brick> bricks = bricks_of(record, target);
    std::ranges::stable_sort(bricks, std::greater{}, &Brick::align);
    std::map<int, std::vector<Brick>> groups;
    for (const Brick& brick : bricks)
        groups[brick.writer].push_back(brick);
    std::vector<Brick> free = groups[kNobody];
    groups.erase(kNobody);
    std::uint64_t end = 0;
    const auto put = [&](const Brick& brick) { end = up(end, brick.align) + brick.size; };
    for (const auto& [writer, group] : groups) {
        end = up(end, std::max(target.cache_line, group.front().align));
        std::ranges::for_each(group, put);
        const std::uint64_t line_end = up(end, target.cache_line);
        for (;;) {
            auto best = free.end();
            for (auto at = free.begin(); at != free.end(); ++at)
                if (up(end, at->align) + at->size <= line_end &&
                    (best == free.end() || at->size > best->size))
                    best = at;
            if (best == free.end()) break;
            put(*best);
            free.erase(best);
        }
    }
    std::ranges::for_each(free, put);
    return up(end, std::max(align_of(record, bricks), target.cache_line));
}

bool has_two_writers(const Record& record) {
    std::set<int> writers;
    for (const Field& field : record.fields)
        if (field.access.writer != kNobody) writers.insert(field.access.writer);
    return writers.size() > 1;
}

}  // namespace

TEST_CASE("twenty fields are never larger than in a group for each thread", "[share]") {
    WHY("a search that gives up must not be worse than the plain way");
    SEEDED_RNG(rng);
    for (int i = 0; i < 40; ++i) {
        Record record = random_shared(rng, 20);
        while (record.fields.size() < 13 || !has_two_writers(record))
            record = random_shared(rng, 20);
        const Target& on = kTargets[static_cast<std::size_t>(i) % kTargets.size()];
        const std::uint64_t in_groups = size_in_groups(record, on);
        const Record apart = separate(record, on);
        INFO("on " << on.name << "\n" << annotated(record) << "separated:\n" << annotated(apart));
        REQUIRE(place(apart, on).size <= in_groups);
    }
}
