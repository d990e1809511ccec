#pragma once

#include <array>
#include <charconv>
#include <processor_stats.hpp>
#include <string>
#include <string_view>

namespace cacheline {

/// The statistics in Markdown: a heading, then a table of two columns with these rows, in this
/// order:
///
///     | Items processed | 12 |
///     | Without a copy | 5 |
///     | Copied | 7 |
///     | Zero-copy rate | 41.67 % |
///     | Bytes viewed | 22 |
///     | Bytes copied | 47 |
///     | Memory saved | 22 bytes |
///     | Processing time | 0.035 ms |
///     | Time per item | 2917 ns |
///
/// Where nothing was processed, rate and time per item are 0.00 % and 0 ns. A row may be padded
/// with spaces. The locale makes no difference: the decimal point is a point.
[[nodiscard]] inline std::string report(const ProcessorStats& stats) {
    std::string text = "# Zero-copy processor\n\n| | |\n|:--|--:|\n";
    const auto row = [&text](std::string_view label, std::string_view value) {
        text.append("| ").append(label).append(" | ").append(value).append(" |\n");
    };
    // Not printf, whose decimal point is the locale's.
    const auto number = [](double value, int digits) {
        std::array<char, 64> buffer{};
        const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                           std::chars_format::fixed, digits);
        return std::string(buffer.data(), written.ptr);
    };
    const auto items = static_cast<double>(stats.total_processed);
    const auto share = [items](double whole) { return items == 0 ? 0 : whole / items; };
    const auto time = static_cast<double>(stats.processing_time.count());

    row("Items processed", std::to_string(stats.total_processed));
    row("Without a copy", std::to_string(stats.zero_copy_operations));
    row("Copied", std::to_string(stats.copy_operations));
    row("Zero-copy rate",
        number(share(100 * static_cast<double>(stats.zero_copy_operations)), 2) + " %");
    row("Bytes viewed", std::to_string(stats.bytes_viewed));
    row("Bytes copied", std::to_string(stats.bytes_copied));
    row("Memory saved", std::to_string(stats.memory_saved()) + " bytes");
    row("Processing time", number(time / 1e6, 3) + " ms");
    row("Time per item", number(share(time), 0) + " ns");
    return text;
}

}  // namespace cacheline
