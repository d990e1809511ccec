#pragma once

#include <cstddef>
#include <cstdint>

namespace cacheline::zero_copy_detail {

/// The first pass over CSV: finds the separators, and knows nothing of fields or records' contents.
/// One object goes from window to window; what it carries makes a quoted field of any length work.
struct CsvScan {
    /// Bit 31 of a record's entry: it holds a doubled quote, so somebody must copy.
    static constexpr std::uint32_t kDoubledQuote = std::uint32_t{1} << 31;
    /// How far behind `separators` and `records` a scan may scribble.
    static constexpr std::size_t kSlack = 16;

    // Where to write; both are moved on.
    std::uint32_t* separators = nullptr;  ///< position of each delimiter and newline out of quotes
    std::uint32_t* records = nullptr;     ///< of each newline among them: its index in `separators`
    const std::uint32_t* first = nullptr;  ///< index 0

    // What the bytes so far say about the next one.
    std::uint64_t inside = 0;       ///< all ones within quotes, else 0
    std::uint64_t may_open = 1;     ///< 1 where a quote may open a field, or is the second of two
    std::uint64_t after_close = 0;  ///< 1 behind a closing quote
    bool doubled = false;           ///< the unfinished record holds a doubled quote

    /// A quote or a byte stood where RFC 4180 allows none. Everything before is written.
    bool fault = false;
};

/// Scans `size` bytes at `text`, of which the first is at `position`. Only the last window of an
/// input may have a size that is no multiple of 64.
///
/// `next` is the byte behind the window, or a NUL where the input ends.
void scan_csv(const char* text, std::size_t size, char next, std::uint32_t position, char delimiter,
              CsvScan& scan);

}  // namespace cacheline::zero_copy_detail
