#include "groups.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "cursor.hpp"

namespace cacheline::layout_detail {

std::optional<std::vector<Step>> by_writer(const Layout& layout, const std::vector<Block>& blocks,
                                           std::uint64_t line, std::uint64_t max_size) {
    using Blocks = std::vector<std::size_t>;
    std::vector<Blocks> groups;
    Blocks free;  // nobody writes them
    Blocks last;  // the flexible one
    std::map<Writer, std::size_t> group_of;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        const Writer writer = blocks[i].writer;
        if (writer == kNobody) {
            (blocks[i].flexible ? last : free).push_back(i);
            continue;
        }
        const auto [found, is_new] = group_of.emplace(writer, groups.size());
        // Those that several threads write share with nobody, nor with each other.
        if (is_new || writer == kSeveral) groups.emplace_back();
        groups[writer == kSeveral ? groups.size() - 1 : found->second].push_back(i);
    }
    const auto by_alignment = [&](std::size_t i) {
        return std::pair(!blocks[i].flexible, blocks[i].align);
    };
    for (Blocks& group : groups)
        std::ranges::stable_sort(group, std::greater{}, by_alignment);
    // The one with the flexible array comes last.
    std::ranges::stable_sort(groups, {},
                             [&](const Blocks& group) { return blocks[group.back()].flexible; });

    std::vector<Step> steps;
    std::uint64_t end = 0;
    const auto size = [&](std::size_t i) {
        return blocks[i].is_run ? blocks[i].last + 1 - blocks[i].begin
                                : layout.fields[blocks[i].first].size;
    };
    bool fits = true;
    const auto append = [&](std::size_t i, bool starts_line) {
        end = round_up(end, starts_line ? std::max(blocks[i].align, line) : blocks[i].align);
        fits = fits && end <= max_size && size(i) <= max_size - end;
        if (fits) end += size(i);
        steps.push_back({i, starts_line});
    };
    const auto fill_line = [&] {
        const std::uint64_t line_end = round_up(end, line);
        for (;;) {
            auto best = free.end();
            for (auto at = free.begin(); at != free.end(); ++at)
                if (round_up(end, blocks[*at].align) + size(*at) <= line_end &&
                    (best == free.end() || size(*at) > size(*best)))
                    best = at;
            if (best == free.end()) return;
            append(*best, false);
            free.erase(best);
        }
    };
    for (const Blocks& group : groups) {
        for (const std::size_t i : group)
            append(i, i == group.front());
        if (!blocks[group.back()].flexible) fill_line();
    }
    std::ranges::stable_sort(free, std::greater{}, by_alignment);
    // What is flexible ends the record: what is left goes before its group.
    const bool ends_in_group = !groups.empty() && blocks[groups.back().back()].flexible;
    const std::size_t kept = ends_in_group ? groups.back().size() : 0;
    const std::vector<Step> behind(steps.end() - static_cast<std::ptrdiff_t>(kept), steps.end());
    steps.resize(steps.size() - kept);
    for (const std::size_t i : free)
        append(i, false);
    steps.insert(steps.end(), behind.begin(), behind.end());
    for (const std::size_t i : last)
        append(i, false);
    // What rounds the end up to the record's alignment must fit too.
    std::uint64_t align = line;
    for (const Block& block : blocks)
        align = std::max(align, block.align);
    if (!fits || round_up(end, align) > max_size) return std::nullopt;
    for (std::size_t i = 1; i < steps.size(); ++i)
        if (blocks[steps[i - 1].block].is_run && blocks[steps[i].block].is_run) return std::nullopt;
    return steps;
}

}  // namespace cacheline::layout_detail
