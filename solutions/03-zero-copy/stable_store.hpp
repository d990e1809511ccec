#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace cacheline {

/// A growing store whose elements never move: it grows by a new chunk, not by a larger copy of the
/// old one.
template <typename T>
class StableStore {
public:
    StableStore() = default;
    StableStore(StableStore&&) noexcept = default;
    StableStore& operator=(StableStore&&) noexcept = default;

    std::span<const T> append(std::span<const T> items) {
        reserve_view();
        T* const first = chunks().room_for(items.size());
        // On an exception std::uninitialized_copy destroys what it made, and nothing has been
        // counted yet. `items` may lie in this store: its elements stay where they are.
        std::uninitialized_copy(items.begin(), items.end(), first);
        chunks_->take(items.size());
        return views_.emplace_back(first, items.size());
    }

    std::span<const T> adopt(std::vector<T>&& items) {
        reserve_view();
        const std::vector<T>& adopted = chunks().adopt(std::move(items));
        return views_.emplace_back(adopted);
    }

    [[nodiscard]] std::span<const std::span<const T>> views() const noexcept { return views_; }

    [[nodiscard]] std::size_t size() const noexcept { return chunks_ ? chunks_->size() : 0; }

    [[nodiscard]] std::size_t memory_usage() const noexcept {
        return chunks_ ? chunks_->capacity() * sizeof(T) : 0;
    }

    void clear() noexcept {
        views_ = {};
        chunks_ = nullptr;
    }

    [[nodiscard]] std::shared_ptr<const void> hold() const noexcept { return chunks_; }

private:
    class Chunks {
    public:
        Chunks() = default;
        Chunks(const Chunks&) = delete;
        Chunks& operator=(const Chunks&) = delete;

        ~Chunks() {
            for (const Chunk& chunk : chunks_) {
                std::destroy_n(chunk.first, chunk.size);
                std::allocator<T>().deallocate(chunk.first, chunk.capacity);
            }
        }

        // Raw memory for `count` elements in one piece.
        T* room_for(std::size_t count) {
            if (chunks_.empty() || chunks_.back().capacity - chunks_.back().size < count) {
                // Doubling keeps the number of allocations logarithmic and, since at worst two
                // thirds of the last chunks stay unused, the memory below four times the need.
                const std::size_t doubled = chunks_.empty() ? kFirst : 2 * chunks_.back().capacity;
                const std::size_t capacity = std::max(count, doubled);
                chunks_.reserve(chunks_.size() + 1);  // few: each chunk is twice the last
                chunks_.push_back({std::allocator<T>().allocate(capacity), 0, capacity});
                capacity_ += capacity;
            }
            return chunks_.back().first + chunks_.back().size;
        }

        void take(std::size_t count) noexcept {
            chunks_.back().size += count;
            size_ += count;
        }

        const std::vector<T>& adopt(std::vector<T>&& items) {
            size_ += items.size();
            capacity_ += items.capacity();
            return adopted_.emplace_back(std::move(items));
        }

        [[nodiscard]] std::size_t size() const noexcept { return size_; }
        [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

    private:
        static constexpr std::size_t kFirst = std::max<std::size_t>(1, 1024 / sizeof(T));

        struct Chunk {
            T* first;
            std::size_t size;
            std::size_t capacity;
        };

        std::vector<Chunk> chunks_;
        std::vector<std::vector<T>> adopted_;  // a moved vector keeps its elements where they are
        std::size_t size_ = 0;
        std::size_t capacity_ = 0;
    };

    Chunks& chunks() {
        if (!chunks_) chunks_ = std::make_shared<Chunks>();
        return *chunks_;
    }

    // What may throw comes first: a view that could not be listed would leave its elements behind.
    void reserve_view() {
        if (views_.size() == views_.capacity()) views_.reserve(2 * views_.size() + 8);
    }

    std::shared_ptr<Chunks> chunks_;  // shared with whoever called hold()
    std::vector<std::span<const T>> views_;
};

}  // namespace cacheline
