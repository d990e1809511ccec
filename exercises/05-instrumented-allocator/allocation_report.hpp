#pragma once

// What an instrumented allocator tells: plain data, given.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace cacheline {

/// Size classes of the histogram: one for 0 bytes and one for each power of two.
inline constexpr std::size_t kSizeClasses = std::numeric_limits<std::size_t>::digits + 1;

/// By how many bytes for each running thread a peak may be off when several allocate.
inline constexpr std::size_t kPeakSlack = 128 * 1024;

/// What was counted up to some moment.
struct AllocationStats {
    std::uint64_t allocations = 0;        ///< that succeeded
    std::uint64_t deallocations = 0;      ///< of blocks; null is none
    std::uint64_t failed = 0;             ///< allocations that ended with an exception
    std::uint64_t bytes_allocated = 0;    ///< sum of the sizes asked for
    std::uint64_t bytes_deallocated = 0;  ///< sum of the sizes given back
    std::uint64_t live_blocks = 0;        ///< allocations - deallocations
    std::uint64_t live_bytes = 0;         ///< bytes_allocated - bytes_deallocated
    std::uint64_t peak_bytes = 0;         ///< the most live bytes at any time, see kPeakSlack
    std::array<std::uint64_t, kSizeClasses> histogram{};  ///< allocations by size_class

    bool operator==(const AllocationStats&) const = default;
};

/// What an observer is told.
struct AllocationEvent {
    enum class Kind { allocated, deallocated, failed };
    Kind kind = Kind::allocated;
    void* address = nullptr;  ///< null for failed
    std::size_t size = 0;     ///< in bytes
    std::size_t alignment = 0;

    bool operator==(const AllocationEvent&) const = default;
};

using Observer = std::function<void(const AllocationEvent&)>;

enum class Mode {
    counting,  ///< counts only; a deallocation's size is believed
    checked,   ///< also knows each live block: leaks, tags, and misuse of deallocate
};

/// What was charged to one tag.
struct TagStats {
    std::string tag;  ///< "" for what was allocated without one
    std::uint64_t allocations = 0;
    std::uint64_t deallocations = 0;
    std::uint64_t bytes_allocated = 0;
    std::uint64_t bytes_deallocated = 0;

    bool operator==(const TagStats&) const = default;
};

/// Live blocks of one tag and one size.
struct Leak {
    std::string tag;
    std::size_t size = 0;     ///< of one block, in bytes
    std::uint64_t count = 0;  ///< of blocks

    bool operator==(const Leak&) const = default;
};

/// The blocks that are live, by tag and size: those with the most bytes in all first, then by tag,
/// then by size.
struct LeakReport {
    std::vector<Leak> leaks;

    [[nodiscard]] bool empty() const noexcept { return leaks.empty(); }

    [[nodiscard]] std::uint64_t blocks() const noexcept {
        std::uint64_t sum = 0;
        for (const Leak& leak : leaks)
            sum += leak.count;
        return sum;
    }

    [[nodiscard]] std::uint64_t bytes() const noexcept {
        std::uint64_t sum = 0;
        for (const Leak& leak : leaks)
            sum += leak.count * leak.size;
        return sum;
    }

    /// One line for each leak, such as "parser: 3 x 64 bytes"; "(no tag)" stands for "". Empty when
    /// nothing leaked.
    [[nodiscard]] std::string text() const {
        std::string lines;
        for (const Leak& leak : leaks) {
            lines += leak.tag.empty() ? "(no tag)" : leak.tag;
            lines +=
                ": " + std::to_string(leak.count) + " x " + std::to_string(leak.size) + " bytes\n";
        }
        return lines;
    }
};

/// A call of deallocate that does not fit what was allocated.
struct Misuse {
    enum class Kind {
        wrong_size,
        wrong_alignment,
        not_live,  ///< given back twice, or never allocated here
    };
    Kind kind = Kind::not_live;
    const void* address = nullptr;
    std::size_t given = 0;     ///< the size, or the alignment, that deallocate was told
    std::size_t recorded = 0;  ///< the one that allocate was asked for; 0 for not_live
    std::string tag;           ///< the block's; "" for not_live

    bool operator==(const Misuse&) const = default;
};

/// What happened between two points.
struct AllocationDelta {
    std::uint64_t allocations = 0;
    std::uint64_t deallocations = 0;
    std::uint64_t failed = 0;
    std::uint64_t bytes_allocated = 0;
    std::uint64_t bytes_deallocated = 0;
    std::int64_t live_blocks = 0;  ///< change; below zero when more was given back than taken
    std::int64_t live_bytes = 0;

    bool operator==(const AllocationDelta&) const = default;
};

}  // namespace cacheline
