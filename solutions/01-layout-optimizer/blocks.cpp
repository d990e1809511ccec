#include "blocks.hpp"

#include <algorithm>

namespace cacheline::layout_detail {
namespace {

// An unnamed bit-field is a gap: nobody can use it.
bool is_used(const Field& field) {
    return !field.bits || !field.name.empty();
}

Block block_of(const Record& record, const Layout& layout, std::size_t first, std::size_t count) {
    Block block;
    block.first = first;
    block.count = count;
    block.is_run = record.fields[first].bits.has_value();
    block.flexible = record.fields[first].flexible;
    block.begin = layout.fields[first].offset;
    block.last = block.begin;
    bool empty = true;
    for (std::size_t i = first; i < first + count; ++i) {
        const FieldLayout& placed = layout.fields[i];
        const Access& access = record.fields[i].access;
        block.align = std::max(block.align, placed.align);
        if (placed.size != 0) {
            if (empty) block.begin = placed.offset;
            block.last = placed.offset + placed.size - 1;
            empty = false;
        }
        if (!is_used(record.fields[i])) continue;
        block.hot = block.hot || access.hot;
        if (access.writer == kNobody) continue;
        block.writer = clash(block.writer, access.writer) ? kSeveral : access.writer;
    }
    return block;
}

// Do bytes of two blocks, x before y, fall on one line at some start that the alignment allows?
bool may_share(const Block& x, const Block& y, std::uint64_t align, std::uint64_t line) {
    // The starts that are worst put the end of x as near behind the start of a line as they can.
    const std::uint64_t nearest = x.last % std::min(align, line);
    return y.begin <= x.last || nearest + (y.begin - x.last) < line;
}

}  // namespace

std::vector<Block> blocks_of(const Record& record, const Layout& layout) {
    std::vector<Block> blocks;
    for (std::size_t first = 0; first < record.fields.size();) {
        std::size_t end = first + 1;
        if (record.fields[first].bits)
            while (end < record.fields.size() && record.fields[end].bits)
                ++end;
        blocks.push_back(block_of(record, layout, first, end - first));
        first = end;
    }
    return blocks;
}

bool has_rivals(const std::vector<Block>& blocks) {
    Writer found = kNobody;
    for (const Block& block : blocks) {
        if (clash(found, block.writer) || block.writer == kSeveral) return true;
        if (block.writer != kNobody) found = block.writer;
    }
    return false;
}

std::uint64_t hot_lines(const std::vector<Block>& blocks, std::uint64_t line) {
    std::uint64_t count = 0;
    std::uint64_t first_uncounted = 0;
    for (const Block& block : blocks) {
        if (!block.hot) continue;
        const std::uint64_t first = std::max(block.begin / line, first_uncounted);
        const std::uint64_t end = block.last / line + 1;
        if (end > first) count += end - first;
        first_uncounted = std::max(first_uncounted, end);
    }
    return count;
}

void for_each_false_sharing(const Record& record, const std::vector<Block>& blocks,
                            std::uint64_t align, std::uint64_t line,
                            const std::function<void(std::size_t, std::size_t)>& visit) {
    struct Written {
        std::size_t field;
        const Block* block;
        Writer writer;
    };
    std::vector<Written> written;
    for (const Block& block : blocks)
        for (std::size_t i = block.first; i < block.first + block.count; ++i)
            if (record.fields[i].access.writer != kNobody && is_used(record.fields[i]))
                written.push_back({i, &block, record.fields[i].access.writer});
    for (std::size_t i = 0; i < written.size(); ++i) {
        const Written& x = written[i];
        for (std::size_t j = i + 1; j < written.size(); ++j) {
            const Written& y = written[j];
            if (clash(x.writer, y.writer) &&
                (x.block == y.block || may_share(*x.block, *y.block, align, line)))
                visit(x.field, y.field);
        }
    }
}

bool kept_apart(const std::vector<Block>& blocks, std::uint64_t align, std::uint64_t line) {
    for (std::size_t i = 0; i < blocks.size(); ++i)
        for (std::size_t j = i + 1; j < blocks.size(); ++j)
            if (clash(blocks[i].writer, blocks[j].writer) &&
                may_share(blocks[i], blocks[j], align, line))
                return false;
    return true;
}

}  // namespace cacheline::layout_detail
