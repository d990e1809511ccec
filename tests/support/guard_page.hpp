#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <span>

namespace cacheline::support {

/// `count` objects that end exactly at an inaccessible page, or start right behind one: a read one
/// byte past them dies, in every build.
template <typename T>
class GuardedArray {
public:
    enum class Guard { kBehind, kBefore };

    explicit GuardedArray(std::size_t count, Guard guard = Guard::kBehind) : count_(count) {
        const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
        const std::size_t pages = (count * sizeof(T) + page - 1) / page;
        mapped_ = (pages + 2) * page;
        void* const map =
            mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (map == MAP_FAILED) throw std::bad_alloc();
        map_ = static_cast<std::byte*>(map);
        std::byte* const inner = map_ + page;
        if (pages != 0 && mprotect(inner, pages * page, PROT_READ | PROT_WRITE) != 0)
            throw std::bad_alloc();
        std::byte* const first =
            guard == Guard::kBehind ? inner + pages * page - count * sizeof(T) : inner;
        data_ = reinterpret_cast<T*>(first);
    }

    ~GuardedArray() { munmap(map_, mapped_); }
    GuardedArray(const GuardedArray&) = delete;
    GuardedArray& operator=(const GuardedArray&) = delete;

    [[nodiscard]] T* data() noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] std::span<T> span() noexcept { return {data_, count_}; }

private:
    std::size_t count_;
    std::size_t mapped_;
    std::byte* map_;
    T* data_;
};

}  // namespace cacheline::support
