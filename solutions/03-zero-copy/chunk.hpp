#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

namespace cacheline::zero_copy_detail {

/// Raw memory for a fixed number of elements, and the elements built in it so far, one behind the
/// other. They never move, not even when the chunk is moved.
template <typename T>
class Chunk {
public:
    explicit Chunk(std::size_t capacity)
        : first_(std::allocator<T>().allocate(capacity)), capacity_(capacity) {}

    Chunk(Chunk&& other) noexcept
        : first_(std::exchange(other.first_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    Chunk& operator=(Chunk&&) = delete;

    ~Chunk() {
        if (first_ == nullptr) return;
        std::destroy_n(first_, size_);
        std::allocator<T>().deallocate(first_, capacity_);
    }

    /// Copies `items`, which must not be more than `room()`. Where a copy throws, the chunk is as
    /// before: std::uninitialized_copy destroys what it made, and nothing has been counted.
    std::span<const T> append(std::span<const T> items) {
        T* const copies = first_ + size_;
        std::uninitialized_copy(items.begin(), items.end(), copies);
        size_ += items.size();
        return {copies, items.size()};
    }

    [[nodiscard]] std::size_t room() const noexcept { return capacity_ - size_; }
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

private:
    T* first_;
    std::size_t size_ = 0;
    std::size_t capacity_;
};

}  // namespace cacheline::zero_copy_detail
