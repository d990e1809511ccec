// accepted: Chase and Lev's growing deque; seq_cst wherever it is the default; one failed steal gives up
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

namespace cacheline {

template <typename T, std::size_t Capacity = 128>
class WorkStealingDeque {
    static constexpr std::size_t kWords = sizeof(T) / sizeof(std::size_t);
    using Words = std::array<std::atomic<std::size_t>, kWords>;

    struct Ring {
        explicit Ring(long room) : size(room), slots(new Words[static_cast<std::size_t>(room)]) {}

        void put(long index, const T& item) {
            std::size_t words[kWords];
            std::memcpy(words, &item, sizeof item);
            for (std::size_t i = 0; i < kWords; ++i)
                slots[static_cast<std::size_t>(index % size)][i] = words[i];
        }

        T get(long index) const {
            std::size_t words[kWords];
            for (std::size_t i = 0; i < kWords; ++i)
                words[i] = slots[static_cast<std::size_t>(index % size)][i];
            T item;
            std::memcpy(&item, words, sizeof item);
            return item;
        }

        long size;
        std::unique_ptr<Words[]> slots;
    };

public:
    WorkStealingDeque() { grow(4, 0, 0); }

    bool try_push(const T& item) {
        const long bottom = bottom_;
        const long top = top_;
        if (bottom - top == ring_.load()->size) grow(2 * (bottom - top), top, bottom);
        ring_.load()->put(bottom, item);
        bottom_ = bottom + 1;
        return true;
    }

    std::optional<T> try_pop() {
        const long bottom = --bottom_;
        long top = top_;
        std::optional<T> item;
        if (top <= bottom) item = ring_.load()->get(bottom);
        if (top < bottom) return item;
        if (top == bottom && !top_.compare_exchange_strong(top, top + 1)) item.reset();
        bottom_ = bottom + 1;
        return item;
    }

    template <typename Accept>
    std::optional<T> try_steal(Accept accept) {
        for (;;) {
            bool beaten = false;
            const std::optional<T> item = steal_once(accept, beaten);
            if (!beaten) return item;
        }
    }

    std::optional<T> try_steal() {
        bool beaten = false;
        return steal_once([](const T&) { return true; }, beaten);
    }

private:
    template <typename Accept>
    std::optional<T> steal_once(Accept accept, bool& beaten) {
        long top = top_;
        const long bottom = bottom_;
        if (top >= bottom) return {};
        const T item = ring_.load()->get(top);
        if (!accept(item)) return {};
        if (top_.compare_exchange_strong(top, top + 1)) return item;
        beaten = true;
        return {};
    }

    // Thieves may still read the smaller rings, so they stay until the end.
    void grow(long size, long top, long bottom) {
        auto larger = std::make_unique<Ring>(size);
        for (long i = top; i < bottom; ++i)
            larger->put(i, ring_.load()->get(i));
        ring_ = larger.get();
        rings_.push_back(std::move(larger));
    }

    std::atomic<long> top_{0};
    std::atomic<long> bottom_{0};
    std::atomic<Ring*> ring_{nullptr};
    std::vector<std::unique_ptr<Ring>> rings_;
};

}  // namespace cacheline
