#pragma once

#include <algorithm>
#include <chunk.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cacheline {

/// A growing store whose elements never move.
///
/// A span that `append` or `adopt` has returned stays valid until `clear` or the store's end,
/// however the store grows or is moved, and beyond that for as long as somebody keeps a `hold`. T
/// is any object type but bool; alignment is honoured. Not for several threads at once.
template <typename T>
class StableStore {
public:
    StableStore() = default;
    /// The other store is empty afterwards.
    StableStore(StableStore&&) noexcept = default;
    StableStore& operator=(StableStore&&) noexcept = default;

    /// Copies `items`, which may lie in this store, behind one another in memory and returns where
    /// they are. T must be copyable.
    ///
    /// n elements that are appended one by one cost at most 64 + n / 16 allocations. What a copy
    /// throws goes to the caller; the store's elements, views and memory_usage are then as before,
    /// and so they are where memory runs out.
    std::span<const T> append(std::span<const T> items) { return contents().append(items); }

    /// Takes a vector over: its elements stay where they are in memory; none is copied or moved.
    /// Where memory runs out, store and vector are as before.
    std::span<const T> adopt(std::vector<T>&& items) { return contents().adopt(std::move(items)); }

    /// What `append` and `adopt` have returned so far, in order; empty spans too. Valid until the
    /// next call that changes the store.
    [[nodiscard]] std::span<const std::span<const T>> views() const noexcept {
        if (!contents_) return {};
        return contents_->views();
    }

    /// The number of elements.
    [[nodiscard]] std::size_t size() const noexcept { return contents_ ? contents_->size() : 0; }

    /// Bytes of memory that are set aside for elements, used or not: at least size() * sizeof(T),
    /// and at most four times that or 64 KiB, whichever is more (spare capacity of adopted vectors
    /// comes on top). 0 after `clear`.
    [[nodiscard]] std::size_t memory_usage() const noexcept {
        return contents_ ? contents_->capacity() * sizeof(T) : 0;
    }

    /// Forgets all elements. They are destroyed and their memory is returned, at once or, where
    /// there is a hold, with the last of its holds.
    void clear() noexcept { contents_ = nullptr; }

    /// Keeps the elements that are in the store now, and so the spans of them, through `clear` and
    /// the store's destruction, for as long as the result lives. May be null where there are none.
    [[nodiscard]] std::shared_ptr<const void> hold() const noexcept { return contents_; }

private:
    // Everything that may throw comes first in its functions, and what counts comes last: an
    // exception leaves nothing to be taken back.
    class Contents {
    public:
        std::span<const T> append(std::span<const T> items) {
            make_room(views_);
            if (!chunks_.empty() && items.size() <= chunks_.back().room())
                return list(chunks_.back().append(items));
            make_room(chunks_);
            // Doubling keeps the number of allocations logarithmic and, since at worst two thirds
            // of the last chunks stay unused, the memory below four times the need.
            const std::size_t doubled = chunks_.empty() ? kFirst : 2 * chunks_.back().capacity();
            Chunk chunk(std::max(items.size(), doubled));  // is gone again where a copy throws
            const std::span<const T> copies = chunk.append(items);
            capacity_ += chunk.capacity();
            chunks_.push_back(std::move(chunk));
            return list(copies);
        }

        std::span<const T> adopt(std::vector<T>&& items) {
            make_room(views_);
            make_room(adopted_);
            capacity_ += items.capacity();
            return list(adopted_.emplace_back(std::move(items)));
        }

        [[nodiscard]] std::span<const std::span<const T>> views() const noexcept { return views_; }
        [[nodiscard]] std::size_t size() const noexcept { return size_; }
        [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    private:
        using Chunk = zero_copy_detail::Chunk<T>;
        static constexpr std::size_t kFirst = std::max<std::size_t>(1, 1024 / sizeof(T));

        template <typename List>
        static void make_room(List& list) {
            if (list.size() == list.capacity()) list.reserve(2 * list.size() + 8);
        }

        std::span<const T> list(std::span<const T> items) noexcept {
            size_ += items.size();
            return views_.emplace_back(items);
        }

        std::vector<Chunk> chunks_;
        std::vector<std::vector<T>> adopted_;  // a moved vector keeps its elements where they are
        std::vector<std::span<const T>> views_;
        std::size_t size_ = 0;
        std::size_t capacity_ = 0;
    };

    Contents& contents() {
        if (!contents_) contents_ = std::make_shared<Contents>();
        return *contents_;
    }

    // All there is behind one pointer: so whoever called hold() shares it, and the compiler's moves
    // are right.
    std::shared_ptr<Contents> contents_;
};

}  // namespace cacheline
