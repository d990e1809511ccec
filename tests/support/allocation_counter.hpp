#pragma once

#include <cstddef>

namespace cacheline::support {

/// Counts the calling thread's heap allocations (malloc and all its kin, so operator new too, even
/// a replaced one) from its construction on. Works in every build.
///
///     const AllocationCounter counter;
///     const CowString upper = to_upper(input);
///     const std::size_t count = counter.allocations();  // before any assertion: those allocate
///     CHECK(count == 0);
class AllocationCounter {
public:
    AllocationCounter() noexcept;
    [[nodiscard]] std::size_t allocations() const noexcept;
    /// Bytes asked for, not the allocator's own rounding.
    [[nodiscard]] std::size_t bytes() const noexcept;
    [[nodiscard]] std::size_t deallocations() const noexcept;

private:
    std::size_t allocations_;
    std::size_t bytes_;
    std::size_t deallocations_;
};

/// While one lives, one allocation of the calling thread fails: the `n`th from its construction on,
/// where 1 is the next. malloc returns a null pointer, new throws std::bad_alloc. Only in release
/// builds: a sanitizer's malloc cannot be told to.
class FailingAllocation {
public:
    explicit FailingAllocation(std::size_t n) noexcept;
    ~FailingAllocation();
    FailingAllocation(const FailingAllocation&) = delete;
    FailingAllocation& operator=(const FailingAllocation&) = delete;
};

/// The same as AllocationCounter, of all threads of the process.
class ProcessAllocationCounter {
public:
    ProcessAllocationCounter() noexcept;
    [[nodiscard]] std::size_t allocations() const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept;
    [[nodiscard]] std::size_t deallocations() const noexcept;

private:
    std::size_t allocations_;
    std::size_t bytes_;
    std::size_t deallocations_;
};

}  // namespace cacheline::support
