#include <cacheline/todo.hpp>
#include <cstddef>
#include <cstdlib>
#include <instrumented_allocator.hpp>
#include <new>
#include <replaceable.hpp>

// Step global: the operators of the whole process. They work as they stand, but count nothing.
// Yours to do is
//
// - to count each block once, however it was taken and however it goes back: live bytes come out
//   even although some forms of delete are told no size. Bytes are those asked for, or those with
//   what the allocator adds, as long as both ends agree;
// - to count what static objects allocate before main and in their destructors, what threads
//   allocate that outlive main, and what a thread does in its last destructors;
// - what the standard asks of operator new when memory is out: while there is a new-handler, call
//   it and try again; when there is none, throw std::bad_alloc. Nothrow forms do the same, and
//   return null instead of throwing. Either way it is one failure, however often the handler was
//   called. A size near the greatest std::size_t fails too, rather than wrapping around when
//   something is added to it.
//
// Whatever you use for this must not itself call new.

namespace cacheline {
namespace {

// Memory for `size` bytes. Alignments up to this are what malloc gives anyway.
void* take(std::size_t size, std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    if (size == 0) size = 1;  // null is no address, and each block's is its own
    void* const block =
        alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__
            ? std::malloc(size)
            : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void* take_or_null(std::size_t size, std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    try {
        return take(size, alignment);
    } catch (...) {
        return nullptr;
    }
}

// The alignment is the one that the block was taken with.
void give(void* block, std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__) {
    static_cast<void>(alignment);
    std::free(block);
}

std::size_t value(std::align_val_t alignment) {
    return static_cast<std::size_t>(alignment);
}

}  // namespace

AllocationStats global_stats() {
    todo("global_stats");
}

}  // namespace cacheline

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
