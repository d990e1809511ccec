#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <pool_types.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "thread_cache.hpp"

namespace cacheline::pool_detail {

/// From a size to its class in one look-up: a table with an entry for each 16 bytes.
class SizeClasses {
public:
    /// Every class is a multiple of this.
    static constexpr std::size_t kGranule = 16;

    /// @throws std::invalid_argument, with the value, for classes that break their rules
    explicit SizeClasses(const std::vector<SizeClass>& classes) {
        check(classes);
        std::size_t granule = 0;
        for (std::size_t i = 0; i < classes.size(); ++i)
            for (; granule < classes[i].block_size / kGranule; ++granule)
                table_[granule] = static_cast<std::uint8_t>(i);
        if (!classes.empty()) largest_ = classes.back().block_size;
    }

    /// The last class in bytes; 0 if there is none.
    [[nodiscard]] std::size_t largest() const noexcept { return largest_; }

    /// The class of a size from 1 to largest().
    [[nodiscard]] std::size_t index(std::size_t size) const noexcept {
        return table_[(size - 1) / kGranule];
    }

private:
    static constexpr std::size_t kLargest = 32 * 1024;

    static void check(const std::vector<SizeClass>& classes) {
        const auto refuse = [](const char* what, std::size_t value) {
            throw std::invalid_argument(std::string("PoolConfig: ") + what + " " +
                                        std::to_string(value));
        };
        std::size_t before = 0;
        for (const SizeClass& c : classes) {
            if (c.block_size == 0 || c.block_size % kGranule != 0)
                refuse("block size is no multiple of 16:", c.block_size);
            if (c.block_size <= before)
                refuse("block sizes must ascend; out of order:", c.block_size);
            if (c.block_size > kLargest) refuse("block size above 32768:", c.block_size);
            if (c.preallocated > c.max_cached)
                refuse("more blocks preallocated than kept:", c.preallocated);
            before = c.block_size;
        }
        if (classes.size() > kMaxClasses) refuse("more than 64 classes:", classes.size());
    }

    std::size_t largest_ = 0;
    std::array<std::uint8_t, kLargest / kGranule> table_{};
};

}  // namespace cacheline::pool_detail
