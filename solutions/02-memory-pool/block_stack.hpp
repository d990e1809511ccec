#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "counter.hpp"

namespace cacheline::pool_detail {

/// Free blocks of one size, last in, first out. Their addresses stand in an array of their own, not
/// in the blocks: to take one is not to read it, so a block that another core has just written
/// costs no cache miss here (the "magazine" of Bonwick and Adams 2001, "Magazines and Vmem").
///
/// One thread works on a stack, but any that holds the resource's mutex may ask for its size.
class BlockStack {
public:
    void limit(std::size_t blocks) noexcept { limit_ = blocks; }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }

    [[nodiscard]] std::size_t size() const noexcept {
        return static_cast<std::size_t>(top_.get() - begin_);
    }
    [[nodiscard]] bool empty() const noexcept { return top_.get() == begin_; }

    /// Not when empty.
    [[nodiscard]] void* top() const noexcept { return *(top_.get() - 1); }

    /// Null when empty. Reads `top_` once, like try_push: compilers don't join two reads of an
    /// atomic, and the second would wait for the store before it.
    [[nodiscard]] void* pop() noexcept {
        void** const top = top_.get();
        if (top == begin_) [[unlikely]]
            return nullptr;
        top_.set(top - 1);
        return *(top - 1);
    }

    /// False when full.
    [[nodiscard]] bool try_push(void* block) noexcept {
        void** const top = top_.get();
        if (top == end_) [[unlikely]]
            return false;
        *top = block;
        top_.set(top + 1);
        return true;
    }

    /// The same, but grows first if it may. False also when there is no memory for that. Mutex
    /// held.
    [[nodiscard]] bool try_push_or_grow(void* block) noexcept {
        return try_push(block) || (grow() && try_push(block));
    }

    /// Moves blocks from the top of `other` to this one's until this has `size` or either has no
    /// more to give or to take. Mutex held.
    void fill_from(BlockStack& other, std::size_t size) noexcept {
        while (this->size() < size && !other.empty() && try_push_or_grow(other.top()))
            static_cast<void>(other.pop());
    }

private:
    struct Delete {
        void operator()(void** slots) const noexcept {
            ::operator delete (slots, std::align_val_t{kLine});
        }
    };

    bool grow() noexcept {
        const std::size_t size = this->size();
        const std::size_t capacity = std::min(limit_, std::max<std::size_t>(64, 2 * size));
        if (capacity <= size) return false;
        // On lines of its own, like all that a thread writes often.
        auto* const larger = static_cast<void**>(
            ::operator new (capacity * sizeof(void*), std::align_val_t{kLine}, std::nothrow));
        if (larger == nullptr) return false;
        std::copy_n(begin_, size, larger);
        slots_.reset(larger);
        begin_ = larger;
        end_ = larger + capacity;
        top_.set(larger + size);
        return true;
    }

    Counter<void**> top_;
    void** begin_ = nullptr;
    void** end_ = nullptr;
    std::size_t limit_ = 0;
    std::unique_ptr<void*[], Delete> slots_;
};

}  // namespace cacheline::pool_detail
