#pragma once

#include <cstddef>
#include <new>
#include <poison.hpp>

namespace cacheline::pool_detail {

/// Free blocks of one size, last in, first out, kept in the free blocks themselves (Kenwright 2012,
/// "Fast Efficient Fixed-Size Memory Pool"): the list takes no memory of its own.
///
/// But it isn't a plain chain: each link would be a load that waits for the one before, out of a
/// block that may have left the cache. A free block is a page of addresses instead (an unrolled
/// list): of 64 bytes, 8 hold the link to the next page and 56 hold seven more free blocks, which
/// are then handed out without being looked at.
class FreeList {
public:
    /// @param block_size bytes; a multiple of a pointer's
    explicit FreeList(std::size_t block_size) noexcept
        : page_size_(block_size / sizeof(void*) - 1) {}

    /// The block pushed last; what `otherwise` returns if there is none. (A null pointer to say so
    /// would have to be looked for in each address that is handed out.)
    template <typename Otherwise>
    [[nodiscard]] void* pop_or(Otherwise otherwise) {
        if (Page* const block = hot_) {
            hot_ = nullptr;
            return block;
        }
        if (listed_ != 0) return read<void*>(address(page_, --listed_));
        if (page_ == nullptr) [[unlikely]]
            return otherwise();
        return pop_page();
    }

    /// The block must be poisoned.
    void push(void* block) noexcept {
        // The block freed last waits outside the list: whoever frees one and takes one again, the
        // commonest case, touches nothing else.
        Page* const colder = hot_;
        hot_ = static_cast<Page*>(block);
        if (colder != nullptr) push_listed(colder);
    }

    [[nodiscard]] std::size_t size() const noexcept {
        const std::size_t in_full_pages = pages_ == 0 ? 0 : (pages_ - 1) * page_size_;
        return (hot_ == nullptr ? 0 : 1) + pages_ + in_full_pages + listed_;
    }

private:
    // A free block as a row of slots: slot 0 holds the next page, the others free blocks. Never
    // complete: the blocks are the caller's bytes, and a slot is made when it is written.
    struct Page;

    // The first page holds no address any more: now it is a block like any other.
    void* pop_page() noexcept {
        Page* const page = page_;
        page_ = read<Page*>(link(page));
        listed_ = room_ = page_ == nullptr ? 0 : page_size_;  // pages further down are full
        --pages_;
        return page;
    }

    void push_listed(Page* block) noexcept {
        if (listed_ != room_) {
            write<void*>(address(page_, listed_), block);
            ++listed_;
        } else {
            write<Page*>(link(block), page_);
            page_ = block;
            listed_ = 0;
            room_ = page_size_;
            ++pages_;
        }
    }

    static std::byte* link(Page* page) noexcept { return reinterpret_cast<std::byte*>(page); }
    static std::byte* address(Page* page, std::size_t i) noexcept {
        return link(page) + sizeof(void*) + i * sizeof(void*);
    }

    // Free blocks are poisoned, for the list itself too.
    template <typename Pointer>
    static Pointer read(std::byte* at) noexcept {
        unpoison(at, sizeof(Pointer));
        Pointer const value = *std::launder(reinterpret_cast<Pointer*>(at));
        poison(at, sizeof(Pointer));
        return value;
    }

    template <typename Pointer>
    static void write(std::byte* at, Pointer value) noexcept {
        unpoison(at, sizeof(Pointer));
        ::new (at) Pointer(value);
        poison(at, sizeof(Pointer));
    }

    Page* hot_ = nullptr;     // the block freed last
    Page* page_ = nullptr;    // the list's first page
    std::size_t listed_ = 0;  // addresses in it
    std::size_t room_ = 0;    // addresses that fit in it; 0 when there is no page
    std::size_t page_size_;   // addresses that fit in any
    std::size_t pages_ = 0;
};

}  // namespace cacheline::pool_detail
