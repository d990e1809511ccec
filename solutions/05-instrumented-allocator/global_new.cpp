#include <cstddef>
#include <cstdlib>
#include <instrumented_allocator.hpp>
#include <new>
#include <replaceable.hpp>

namespace cacheline {
namespace {

// Constant-initialised, so that it counts before the first constructor of a static object runs, and
// without a destructor, so that it still counts in the last.
constinit Counters counters;

// The forms of delete that are told no size need one all the same, so it is written in front of
// each block. malloc_usable_size would save those 16 bytes, but it costs two calls for each pair,
// and it reads the header of the block behind.
constexpr std::size_t kHeader = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
static_assert(kHeader >= sizeof(std::size_t));

// The header takes a whole unit of the alignment. Aligned blocks come only to the aligned forms of
// delete, which are told the alignment, so the way back is known.
constexpr std::size_t header_of(std::size_t alignment) noexcept {
    return alignment > kHeader ? alignment : kHeader;
}

std::size_t& size_of(void* block) noexcept {
    return static_cast<std::size_t*>(block)[-1];
}

// Inlined, like take and give: where the alignment is a constant, most of this goes away.
[[gnu::always_inline]] inline void* from_malloc(std::size_t size, std::size_t alignment) noexcept {
    const std::size_t header = header_of(alignment);
    std::size_t whole;
    if (__builtin_add_overflow(size, header, &whole)) return nullptr;
    void* start;
    if (alignment <= kHeader) {
        start = std::malloc(whole);
    } else {
        // aligned_alloc wants a multiple of the alignment.
        if (__builtin_add_overflow(whole, alignment - 1, &whole)) return nullptr;
        start = std::aligned_alloc(alignment, whole & ~(alignment - 1));
    }
    if (start == nullptr) return nullptr;
    void* const block = static_cast<std::byte*>(start) + header;
    size_of(block) = size;
    return block;
}

// Out of line, so that the way through operator new stays short.
[[gnu::noinline, gnu::cold]] void* after_failure(std::size_t size, std::size_t alignment) {
    // What the standard asks of operator new: give the handler its chance as long as there is one.
    try {
        for (;;) {
            const std::new_handler handler = std::get_new_handler();
            if (handler == nullptr) throw std::bad_alloc();
            handler();
            if (void* const block = from_malloc(size, alignment)) return block;
        }
    } catch (...) {
        counters.failed();
        throw;
    }
}

[[gnu::always_inline]] inline void* take(std::size_t size, std::size_t alignment = kHeader) {
    void* block = from_malloc(size, alignment);
    if (block == nullptr) [[unlikely]]
        block = after_failure(size, alignment);
    counters.allocated(size);
    return block;
}

void* take_or_null(std::size_t size, std::size_t alignment = kHeader) noexcept {
    try {
        return take(size, alignment);
    } catch (...) {
        return nullptr;
    }
}

[[gnu::always_inline]] inline void give(void* block, std::size_t alignment = kHeader) noexcept {
    if (block == nullptr) return;
    counters.deallocated(size_of(block));
    std::free(static_cast<std::byte*>(block) - header_of(alignment));
}

constexpr std::size_t value(std::align_val_t alignment) noexcept {
    return static_cast<std::size_t>(alignment);
}

}  // namespace

AllocationStats global_stats() {
    return counters.stats();
}

}  // namespace cacheline

// All 8 forms of new and 12 of delete. The library's own array, nothrow and sized forms would come
// down to the plain ones, but another replacement (a sanitizer's, say) may not.
using cacheline::give;
using cacheline::take;
using cacheline::take_or_null;
using cacheline::value;
using std::align_val_t;
using std::nothrow_t;
using std::size_t;

void* operator new(size_t size) {
    return take(size);
}
void* operator new[](size_t size) {
    return take(size);
}
void* operator new(size_t size, const nothrow_t&) noexcept {
    return take_or_null(size);
}
void* operator new[](size_t size, const nothrow_t&) noexcept {
    return take_or_null(size);
}
void* operator new(size_t size, align_val_t a) {
    return take(size, value(a));
}
void* operator new[](size_t size, align_val_t a) {
    return take(size, value(a));
}
void* operator new(size_t size, align_val_t a, const nothrow_t&) noexcept {
    return take_or_null(size, value(a));
}
void* operator new[](size_t size, align_val_t a, const nothrow_t&) noexcept {
    return take_or_null(size, value(a));
}

void operator delete(void* block) noexcept {
    give(block);
}
void operator delete[](void* block) noexcept {
    give(block);
}
void operator delete(void* block, size_t) noexcept {
    give(block);
}
void operator delete[](void* block, size_t) noexcept {
    give(block);
}
void operator delete(void* block, const nothrow_t&) noexcept {
    give(block);
}
void operator delete[](void* block, const nothrow_t&) noexcept {
    give(block);
}
void operator delete(void* block, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete[](void* block, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete(void* block, size_t, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete[](void* block, size_t, align_val_t a) noexcept {
    give(block, value(a));
}
void operator delete(void* block, align_val_t a, const nothrow_t&) noexcept {
    give(block, value(a));
}
void operator delete[](void* block, align_val_t a, const nothrow_t&) noexcept {
    give(block, value(a));
}
