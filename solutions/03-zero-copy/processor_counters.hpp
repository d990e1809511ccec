#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <processor_stats.hpp>

namespace cacheline::zero_copy_detail {

/// A ZeroCopyProcessor's statistics, which any number of threads may add to at once.
class ProcessorCounters {
public:
    /// What one call has done. It counts in locals, and `finish` adds them up: a shared counter for
    /// each item would cost more than the item. A call that throws never gets there.
    class Call {
    public:
        explicit Call(ProcessorCounters& counters) : counters_(counters) {}
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

        void viewed(std::size_t items, std::size_t bytes) noexcept {
            viewed_items_ += items;
            viewed_bytes_ += bytes;
        }

        void copied(std::size_t items, std::size_t bytes) noexcept {
            copied_items_ += items;
            copied_bytes_ += bytes;
        }

        void finish() noexcept {
            const auto relaxed = std::memory_order_relaxed;  // sums only; they order nothing
            counters_.viewed_items_.fetch_add(viewed_items_, relaxed);
            counters_.viewed_bytes_.fetch_add(viewed_bytes_, relaxed);
            counters_.copied_items_.fetch_add(copied_items_, relaxed);
            counters_.copied_bytes_.fetch_add(copied_bytes_, relaxed);
            const auto time = std::chrono::steady_clock::now() - start_;
            counters_.nanoseconds_.fetch_add(
                std::chrono::duration_cast<std::chrono::nanoseconds>(time).count(), relaxed);
        }

    private:
        ProcessorCounters& counters_;
        std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
        std::size_t viewed_items_ = 0;
        std::size_t viewed_bytes_ = 0;
        std::size_t copied_items_ = 0;
        std::size_t copied_bytes_ = 0;
    };

    [[nodiscard]] ProcessorStats stats() const noexcept {
        ProcessorStats stats;
        stats.zero_copy_operations = viewed_items_;
        stats.copy_operations = copied_items_;
        stats.total_processed = stats.zero_copy_operations + stats.copy_operations;
        stats.bytes_viewed = viewed_bytes_;
        stats.bytes_copied = copied_bytes_;
        stats.processing_time = std::chrono::nanoseconds(nanoseconds_);
        return stats;
    }

    void reset() noexcept {
        viewed_items_ = copied_items_ = viewed_bytes_ = copied_bytes_ = 0;
        nanoseconds_ = 0;
    }

private:
    std::atomic<std::size_t> viewed_items_{0};
    std::atomic<std::size_t> viewed_bytes_{0};
    std::atomic<std::size_t> copied_items_{0};
    std::atomic<std::size_t> copied_bytes_{0};
    std::atomic<std::chrono::nanoseconds::rep> nanoseconds_{0};
};

}  // namespace cacheline::zero_copy_detail
