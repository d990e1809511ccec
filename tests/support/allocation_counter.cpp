#include "support/allocation_counter.hpp"

#include <atomic>
#include <cerrno>
#include <cstdlib>

#include "support/build_kind.hpp"

namespace cacheline::support {
namespace {

struct Counts {
    std::size_t allocations = 0;
    std::size_t bytes = 0;
    std::size_t deallocations = 0;
    std::size_t fail_at = 0;  // the allocation that is to fail; 0 is none
};

// Constant-initialised, so that counting works before main and never allocates.
constinit thread_local Counts mine;
constinit std::atomic<std::size_t> all_allocations{0};
constinit std::atomic<std::size_t> all_bytes{0};
constinit std::atomic<std::size_t> all_deallocations{0};

// False where it is to fail.
bool count_allocation(std::size_t bytes) noexcept {
    ++mine.allocations;
    mine.bytes += bytes;
    all_allocations.fetch_add(1, std::memory_order_relaxed);
    all_bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (mine.allocations != mine.fail_at) return true;
    errno = ENOMEM;
    return false;
}

void count_deallocation() noexcept {
    ++mine.deallocations;
    all_deallocations.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

AllocationCounter::AllocationCounter() noexcept
    : allocations_(mine.allocations), bytes_(mine.bytes), deallocations_(mine.deallocations) {}

std::size_t AllocationCounter::allocations() const noexcept {
    return mine.allocations - allocations_;
}

std::size_t AllocationCounter::bytes() const noexcept {
    return mine.bytes - bytes_;
}

std::size_t AllocationCounter::deallocations() const noexcept {
    return mine.deallocations - deallocations_;
}

FailingAllocation::FailingAllocation(std::size_t n) noexcept {
    mine.fail_at = mine.allocations + n;
}

FailingAllocation::~FailingAllocation() {
    mine.fail_at = 0;
}

ProcessAllocationCounter::ProcessAllocationCounter() noexcept
    : allocations_(all_allocations), bytes_(all_bytes), deallocations_(all_deallocations) {}

std::size_t ProcessAllocationCounter::allocations() const noexcept {
    return all_allocations - allocations_;
}

std::size_t ProcessAllocationCounter::bytes() const noexcept {
    return all_bytes - bytes_;
}

std::size_t ProcessAllocationCounter::deallocations() const noexcept {
    return all_deallocations - deallocations_;
}

}  // namespace cacheline::support

#if defined(CACHELINE_ASAN) || defined(CACHELINE_TSAN)

// The sanitizers bring their own malloc and call these hooks (sanitizer/allocator_interface.h).
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*)(const volatile void*,
                                                                  std::size_t),
                                                         void (*)(const volatile void*));

namespace {

const int installed = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t size) { cacheline::support::count_allocation(size); },
    [](const volatile void*) { cacheline::support::count_deallocation(); });

}  // namespace

#else

// glibc lets a program define malloc and keeps its own under these names.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) {
    if (!cacheline::support::count_allocation(size)) return nullptr;
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
    if (!cacheline::support::count_allocation(count * size)) return nullptr;
    return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
    if (!cacheline::support::count_allocation(size)) return nullptr;
    return __libc_realloc(block, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
    if (!cacheline::support::count_allocation(size)) return nullptr;
    return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
    if (alignment % sizeof(void*) != 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    void* const block = memalign(alignment, size);
    if (block == nullptr) return ENOMEM;
    *out = block;
    return 0;
}

void free(void* block) {
    if (block != nullptr) cacheline::support::count_deallocation();
    __libc_free(block);
}
}

#endif
