#pragma once

#include <chrono>
#include <cstddef>

namespace cacheline {

/// What a ZeroCopyProcessor has done so far. Each item (a string, a byte buffer, an element of a
/// batch) is either handed on without a copy or copied, so
/// `total_processed == zero_copy_operations + copy_operations`.
struct ProcessorStats {
    std::size_t total_processed = 0;       ///< items
    std::size_t zero_copy_operations = 0;  ///< items handed on as a view, or changed in place
    std::size_t copy_operations = 0;       ///< items whose result was written to other memory
    std::size_t bytes_viewed = 0;          ///< of the former: bytes that nobody had to move
    std::size_t bytes_copied = 0;          ///< of the latter: bytes written
    std::chrono::nanoseconds processing_time{0};

    /// Bytes that a processor that always copies would have written on top.
    [[nodiscard]] std::size_t memory_saved() const noexcept { return bytes_viewed; }

    bool operator==(const ProcessorStats&) const = default;
};

}  // namespace cacheline
