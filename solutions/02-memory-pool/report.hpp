#pragma once

#include <cstdio>
#include <pool_types.hpp>
#include <string>

namespace cacheline {

/// The books as Markdown: a heading, a table of the totals, a table of the free blocks. For
/// instance
///
///     # Memory pool report
///
///     ## Statistics
///
///     | what | value |
///     |---|---:|
///     | allocations | 8 |
///     | deallocations | 6 |
///     | hits | 5 |
///     | misses | 3 |
///     | hit rate | 62.50 % |
///     | bytes in use | 2048 |
///     | peak bytes | 4096 |
///     | time in allocate | 120 ns |
///     | time in deallocate | 90 ns |
///
///     ## Free blocks
///
///     | block size | blocks |
///     |---:|---:|
///     | 64 | 1 |
///     | 256 | 0 |
///     | 1500 (custom) | 2 |
///
/// with a row for each class and each bucket in `stats`, and a hit rate of 0.00 % before the first
/// allocation.
[[nodiscard]] inline std::string report(const PoolStats& stats) {
    std::string out = "# Memory pool report\n\n## Statistics\n\n| what | value |\n|---|---:|\n";
    const auto row = [&out](const std::string& name, const std::string& value) {
        out += "| " + name + " | " + value + " |\n";
    };
    char rate[16];
    std::snprintf(rate, sizeof rate, "%.2f %%", 100.0 * stats.hit_rate());
    row("allocations", std::to_string(stats.allocations));
    row("deallocations", std::to_string(stats.deallocations));
    row("hits", std::to_string(stats.hits));
    row("misses", std::to_string(stats.misses));
    row("hit rate", rate);
    row("bytes in use", std::to_string(stats.bytes_in_use));
    row("peak bytes", std::to_string(stats.peak_bytes));
    row("time in allocate", std::to_string(stats.allocate_time.count()) + " ns");
    row("time in deallocate", std::to_string(stats.deallocate_time.count()) + " ns");
    out += "\n## Free blocks\n\n| block size | blocks |\n|---:|---:|\n";
    for (const CachedBlocks& c : stats.classes)
        row(std::to_string(c.block_size), std::to_string(c.blocks));
    for (const CachedBlocks& c : stats.custom)
        row(std::to_string(c.block_size) + " (custom)", std::to_string(c.blocks));
    return out;
}

}  // namespace cacheline
