#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <type_traits>

namespace cacheline::allocator_detail {

/// Something that keeps an element for each running thread and has to be told when one ends.
///
/// Constant-initialised, all zero, never destroyed: an object that lives until the process ends
/// simply stays enlisted; one that ends before withdraws first. All functions may be called by any
/// thread. The lock is held for a few instructions, and nothing allocates meanwhile.
class AtThreadEnd {
public:
    /// What to do for the thread that ends and has had this place.
    using Function = void (*)(AtThreadEnd&, std::size_t place) noexcept;

    AtThreadEnd() = default;
    AtThreadEnd(const AtThreadEnd&) = delete;
    AtThreadEnd& operator=(const AtThreadEnd&) = delete;

    /// Calls `function` at the end of each thread from now on. Only the first call counts.
    void enlist(Function function) noexcept {
        // Relaxed is enough: a thread that reads true takes the lock later than the one that wrote
        // it.
        if (enlisted_.load(std::memory_order_relaxed)) [[likely]]
            return;
        const std::lock_guard lock(mutex_);
        if (enlisted_.load(std::memory_order_relaxed)) return;
        function_ = function;
        next_ = first_;
        if (next_ != nullptr) next_->previous_ = this;
        first_ = this;
        enlisted_.store(true, std::memory_order_relaxed);
    }

    /// When it returns, no call is under way, and none comes any more.
    void withdraw() noexcept {
        const std::lock_guard lock(mutex_);
        if (!enlisted_.load(std::memory_order_relaxed)) return;
        (previous_ != nullptr ? previous_->next_ : first_) = next_;
        if (next_ != nullptr) next_->previous_ = previous_;
        enlisted_.store(false, std::memory_order_relaxed);
    }

    /// Calls all that are enlisted.
    static void run_all(std::size_t place) noexcept {
        const std::lock_guard lock(mutex_);
        for (AtThreadEnd* each = first_; each != nullptr; each = each->next_)
            each->function_(*each, place);
    }

private:
    static_assert(std::is_trivially_destructible_v<std::mutex>, "it is needed after main");
    inline static constinit std::mutex mutex_;
    inline static constinit AtThreadEnd* first_ = nullptr;

    std::atomic<bool> enlisted_{false};
    Function function_ = nullptr;
    AtThreadEnd* previous_ = nullptr;
    AtThreadEnd* next_ = nullptr;
};

}  // namespace cacheline::allocator_detail
