#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory_resource>
#include <mutex>
#include <ostream>

namespace cacheline::support {

/// The heap as a resource, straight from malloc, whatever operator new has become.
class Heap final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        const std::size_t unit = alignment < sizeof(void*) ? sizeof(void*) : alignment;
        return std::aligned_alloc(unit, (size + unit) / unit * unit);
    }
    void do_deallocate(void* block, std::size_t, std::size_t) override { std::free(block); }
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }
};

/// The heap with a memory of what was asked of it, and failures on demand. One lock around it all.
class Witness final : public std::pmr::memory_resource {
public:
    struct Request {
        std::size_t size = 0;
        std::size_t alignment = 0;
        bool operator==(const Request&) const = default;
        friend std::ostream& operator<<(std::ostream& out, const Request& request) {
            return out << request.size << " bytes aligned to " << request.alignment;
        }
    };

    /// Called in place of the next allocation; it is expected to throw.
    void fail_next(std::function<void()> failure) { failure_ = std::move(failure); }

    [[nodiscard]] std::size_t allocations() const { return locked(allocations_); }
    [[nodiscard]] std::size_t deallocations() const { return locked(deallocations_); }
    /// Deallocations of blocks that were not live, or with another size or alignment.
    [[nodiscard]] std::size_t mismatches() const { return locked(mismatches_); }
    [[nodiscard]] Request last() const { return locked(last_); }
    [[nodiscard]] std::size_t live() const {
        const std::lock_guard lock(mutex_);
        return live_.size();
    }

private:
    template <typename T>
    T locked(const T& value) const {
        const std::lock_guard lock(mutex_);
        return value;
    }

    void* do_allocate(std::size_t size, std::size_t alignment) override {
        if (failure_) std::exchange(failure_, nullptr)();
        void* const block = heap_.allocate(size, alignment);
        const std::lock_guard lock(mutex_);
        ++allocations_;
        last_ = {size, alignment};
        live_[block] = last_;
        return block;
    }

    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        {
            const std::lock_guard lock(mutex_);
            ++deallocations_;
            const auto found = live_.find(block);
            if (found == live_.end() || found->second != Request{size, alignment}) ++mismatches_;
            if (found == live_.end()) return;
            live_.erase(found);
        }
        heap_.deallocate(block, size, alignment);
    }

    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

    mutable std::mutex mutex_;
    Heap heap_;
    std::function<void()> failure_;
    std::map<void*, Request> live_;
    std::size_t allocations_ = 0;
    std::size_t deallocations_ = 0;
    std::size_t mismatches_ = 0;
    Request last_;
};

/// Hands out one and the same address for any size, and never memory: for sizes that no machine
/// has, and for a hot path that is the student's alone.
class Mirage final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t, std::size_t) override { return &somewhere_; }
    void do_deallocate(void*, std::size_t, std::size_t) override {}
    bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

    std::max_align_t somewhere_;
};

}  // namespace cacheline::support
