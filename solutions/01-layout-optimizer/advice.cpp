#include "advice.hpp"

#include <algorithm>
#include <utility>

#include "blocks.hpp"
#include "wording.hpp"

namespace cacheline {
namespace layout_detail {
namespace {

using std::uint64_t;

// A record, its layout, and what both say of lines.
struct Subject {
    Subject(const Record& its_record, const Layout& its_layout, const Target& target)
        : record(its_record),
          layout(its_layout),
          line(target.cache_line),
          blocks(blocks_of(record, layout)) {}

    const Record& record;
    const Layout& layout;
    uint64_t line;
    std::vector<Block> blocks;
};

void find_reorder(const Subject& now, const Record& proposed, const Layout& proposed_layout,
                  std::vector<Finding>& findings) {
    if (proposed_layout.size >= now.layout.size) return;
    Finding finding{FindingKind::kReorder};
    for (const Field& field : proposed.fields)
        finding.fields.push_back(field.name);
    finding.bytes = now.layout.size - proposed_layout.size;
    finding.text = "Another order saves " + counted(finding.bytes, "byte") + " of " +
                   std::to_string(now.layout.size) + ": " + joined(finding.fields) + '.';
    findings.push_back(std::move(finding));
}

void find_crossings(const Subject& now, std::vector<Finding>& findings) {
    for (std::size_t i = 0; i < now.record.fields.size(); ++i) {
        const FieldLayout& field = now.layout.fields[i];
        if (!now.record.fields[i].access.hot || field.size > now.line || field.size == 0) continue;
        const uint64_t end = field.offset + field.size;
        const uint64_t last_line_start = (end - 1) / now.line * now.line;
        if (field.offset >= last_line_start) continue;
        const uint64_t beyond = end - last_line_start;
        findings.push_back({FindingKind::kCrossesLine,
                            {field.name},
                            beyond,
                            "The hot field " + field.name + " lies on two cache lines, " +
                                counted(beyond, "byte") + " of its " + std::to_string(field.size) +
                                " on the second: each use may fetch both."});
    }
}

void find_split(const Subject& now, const Target& target, std::vector<Finding>& findings) {
    if (now.layout.size <= now.line) return;
    Record hot = now.record;
    hot.fields.clear();
    Finding finding{FindingKind::kSplit};
    for (const Block& block : now.blocks)
        for (std::size_t i = block.first; i < block.first + block.count; ++i) {
            const Field& field = now.record.fields[i];
            if (block.hot)
                hot.fields.push_back(field);
            else
                finding.fields.push_back(field.name);
        }
    // A flexible array is no record by itself, neither the hot one nor the other.
    const auto flexible_at_most = [&](bool is_hot) {
        return std::ranges::all_of(
            now.blocks, [&](const Block& block) { return block.hot != is_hot || block.flexible; });
    };
    if (flexible_at_most(true) || flexible_at_most(false)) return;
    const Record hot_alone = separate(hot, target);
    const Layout hot_layout = place(hot_alone, target);
    const uint64_t lines_now = hot_lines(now.blocks, now.line);
    const uint64_t lines_alone = hot_lines(blocks_of(hot_alone, hot_layout), now.line);
    if (lines_now <= lines_alone) return;
    if (now.layout.size > hot_layout.size) finding.bytes = now.layout.size - hot_layout.size;
    finding.text = "The hot fields lie on " + counted(lines_now, "cache line") + " and fit on " +
                   std::to_string(lines_alone) + ": move the cold ones (" + joined(finding.fields) +
                   ") into a record of their own, which makes this one " +
                   counted(finding.bytes, "byte") + " smaller, or at least behind the hot ones.";
    findings.push_back(std::move(finding));
}

void find_false_sharing(const Subject& now, const Subject& proposed,
                        std::vector<Finding>& findings) {
    const bool apart = kept_apart(proposed.blocks, proposed.layout.align, proposed.line);
    const auto writes = [](const Field& field) {
        return field.name + " (written by thread " + std::to_string(field.access.writer) + ')';
    };
    const auto in_one_run = [&](std::size_t i, std::size_t j) {
        return std::ranges::any_of(now.blocks, [&](const Block& block) {
            return block.first <= i && j < block.first + block.count;
        });
    };
    for_each_false_sharing(
        now.record, now.blocks, now.layout.align, now.line, [&](std::size_t i, std::size_t j) {
            const Field& x = now.record.fields[i];
            const Field& y = now.record.fields[j];
            const uint64_t distance = now.layout.fields[j].offset - now.layout.fields[i].offset;
            std::string text = writes(x) + " and " + writes(y) + " start " +
                               counted(distance, "byte") + " apart and ";
            if (in_one_run(i, j))
                text +=
                    "are bit-fields side by side: to write one is to write both, a data race "
                    "that no order of the fields mends.";
            else
                text += "may share a cache line of " + std::to_string(now.line) +
                        ": each write takes it from the other thread.";
            if (apart && !in_one_run(i, j))
                text +=
                    " Kept apart, the record has " + counted(proposed.layout.size, "byte") + '.';
            findings.push_back(
                {FindingKind::kFalseSharing, {x.name, y.name}, distance, std::move(text)});
        });
}

}  // namespace

std::vector<Finding> review_against(const Record& record, const Layout& layout,
                                    const Record& proposed, const Layout& proposed_layout,
                                    const Target& target) {
    std::vector<Finding> findings;
    if (!record.is_union) {
        const Subject now(record, layout, target);
        find_reorder(now, proposed, proposed_layout, findings);
        find_crossings(now, findings);
        find_split(now, target, findings);
        find_false_sharing(now, {proposed, proposed_layout, target}, findings);
    }
    if (findings.empty()) findings.push_back({FindingKind::kNothing, {}, 0, "Nothing to do."});
    return findings;
}

}  // namespace layout_detail

std::vector<Finding> review(const Record& record, const Target& target) {
    const Layout layout = place(record, target);
    const Record proposed = separate(record, target);
    return layout_detail::review_against(record, layout, proposed, place(proposed, target), target);
}

}  // namespace cacheline
