#pragma once

#include <cstddef>
#include <limits>
#include <new>
#include <stdexcept>
#include <type_traits>

#include "instrumented_resource.hpp"

namespace cacheline {

/// An allocator for standard containers over an InstrumentedResource. Unlike pmr's, it goes along
/// when a container is copied, moved or swapped: the copy counts on the same resource. Allocators
/// of one resource are equal, whatever their types.
template <typename T>
class InstrumentedAllocator {
public:
    using value_type = T;
    using propagate_on_container_copy_assignment = std::true_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;

    /// Throws std::invalid_argument for a null resource.
    explicit InstrumentedAllocator(InstrumentedResource* resource) : resource_(resource) {
        if (resource == nullptr)
            throw std::invalid_argument("InstrumentedAllocator: the resource is null");
    }

    template <typename U>
    InstrumentedAllocator(const InstrumentedAllocator<U>& other) noexcept
        : resource_(other.resource()) {}

    /// Memory for n objects. Throws std::bad_array_new_length when their bytes are no std::size_t;
    /// nothing is asked of the resource then.
    [[nodiscard]] T* allocate(std::size_t n) {
        if (n > std::numeric_limits<std::size_t>::max() / sizeof(T))
            throw std::bad_array_new_length();
        return static_cast<T*>(resource_->allocate(n * sizeof(T), alignof(T)));
    }

    /// Null is nothing, as for free and delete.
    void deallocate(T* block, std::size_t n) {
        // Here and not in do_deallocate: memory_resource's deallocate is declared never to be given
        // null, so a compiler may take the question out of whatever lies behind it.
        if (block != nullptr) resource_->deallocate(block, n * sizeof(T), alignof(T));
    }

    [[nodiscard]] InstrumentedResource* resource() const noexcept { return resource_; }

    template <typename U>
    friend bool operator==(const InstrumentedAllocator& a,
                           const InstrumentedAllocator<U>& b) noexcept {
        return a.resource() == b.resource();
    }

private:
    InstrumentedResource* resource_;
};

}  // namespace cacheline
