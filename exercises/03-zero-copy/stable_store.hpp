#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <memory>
#include <span>
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
    std::span<const T> append(std::span<const T> /*items*/) { todo("StableStore::append"); }

    /// Takes a vector over: its elements stay where they are in memory; none is copied or moved.
    /// Where memory runs out, store and vector are as before.
    std::span<const T> adopt(std::vector<T>&& /*items*/) { todo("StableStore::adopt"); }

    /// What `append` and `adopt` have returned so far, in order; empty spans too. Valid until the
    /// next call that changes the store.
    [[nodiscard]] std::span<const std::span<const T>> views() const { todo("StableStore::views"); }

    /// The number of elements.
    [[nodiscard]] std::size_t size() const { todo("StableStore::size"); }

    /// Bytes of memory that are set aside for elements, used or not: at least size() * sizeof(T),
    /// and at most four times that or 64 KiB, whichever is more (spare capacity of adopted vectors
    /// comes on top). 0 after `clear`.
    [[nodiscard]] std::size_t memory_usage() const { todo("StableStore::memory_usage"); }

    /// Forgets all elements. They are destroyed and their memory is returned, at once or, where
    /// there is a hold, with the last of its holds.
    void clear() { todo("StableStore::clear"); }

    /// Keeps the elements that are in the store now, and so the spans of them, through `clear` and
    /// the store's destruction, for as long as the result lives. May be null where there are none.
    [[nodiscard]] std::shared_ptr<const void> hold() const { todo("StableStore::hold"); }

private:
    // Yours. Choose members for which the compiler's moves and destructor are right.
};

}  // namespace cacheline
