#pragma once

namespace cacheline::allocator_detail {

/// While it lives, `observed` is being observed on this thread. The objects are on the thread's
/// stack, each knows the one around it, and so a thread's own are found without a lock or an
/// allocation, and no other thread's are.
class Observing {
public:
    explicit Observing(const void* observed) noexcept : observed_(observed) { innermost_ = this; }
    ~Observing() { innermost_ = outer_; }
    Observing(const Observing&) = delete;
    Observing& operator=(const Observing&) = delete;

    /// All are asked, not only the innermost: two resources whose observers use each other do not
    /// go round in circles.
    [[nodiscard]] static bool is_on(const void* observed) noexcept {
        for (const Observing* each = innermost_; each != nullptr; each = each->outer_)
            if (each->observed_ == observed) return true;
        return false;
    }

private:
    inline static constinit thread_local const Observing* innermost_ = nullptr;
    const void* observed_;
    const Observing* outer_ = innermost_;
};

}  // namespace cacheline::allocator_detail
