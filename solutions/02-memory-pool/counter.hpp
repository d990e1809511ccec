#pragma once

#include <atomic>
#include <cstddef>

namespace cacheline::pool_detail {

/// Two cache lines: processors fetch them in pairs. What different threads write stands this far
/// apart, or they would wait for each other.
inline constexpr std::size_t kLine = 128;

/// A number that one thread at a time writes and any thread may read. A load and a store, no atomic
/// read-modify-write: that is what makes counting free on the hot path. Relaxed, since no reader
/// draws conclusions from one number about other memory.
template <typename T>
class Counter {
public:
    [[nodiscard]] T get() const noexcept { return value_.load(std::memory_order_relaxed); }
    void set(T value) noexcept { value_.store(value, std::memory_order_relaxed); }
    void add(T value) noexcept { set(get() + value); }

private:
    std::atomic<T> value_{};
};

}  // namespace cacheline::pool_detail
