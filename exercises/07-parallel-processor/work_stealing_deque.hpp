#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

namespace cacheline {

/// A deque with one owner and any number of thieves: the store of work of one thread.
///
/// The owner pushes and pops at one end, like a stack; thieves steal at the other, like a queue.
/// Each item that was pushed is taken exactly once, by whomever, and whoever takes it sees all that
/// its owner wrote before the push.
///
/// Thread-safety: try_push and try_pop are for the owner's thread alone; try_steal is for any
/// thread, at any time.
///
/// It runs without a report under ThreadSanitizer, which with GCC does not know
/// std::atomic_thread_fence: memory orders belong on the atomic operations.
///
/// @tparam T         trivially copyable, a whole number of machine words (uintptr_t) long; may be
///                   longer than one
/// @tparam Capacity  a power of two: how many items fit in at least
template <typename T, std::size_t Capacity = 128>
class WorkStealingDeque {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uintptr_t) == 0);

public:
    /// Adds an item. O(1).
    ///
    /// @return true; or false, with nothing changed, if there is no room, which is never so while
    ///         fewer than Capacity items are in.
    bool try_push([[maybe_unused]] const T& item) { todo("WorkStealingDeque::try_push"); }

    /// Takes the item that was pushed last of those that are left. O(1).
    ///
    /// @return the item, or nothing if none is left.
    std::optional<T> try_pop() { todo("WorkStealingDeque::try_pop"); }

    /// Takes the item that was pushed first of those that are left.
    ///
    /// @return the item, or nothing if none is left; or if another thread took one just now.
    std::optional<T> try_steal() { todo("WorkStealingDeque::try_steal"); }
};

}  // namespace cacheline
