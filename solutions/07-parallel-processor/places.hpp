#pragma once

// All places of a processor: its workers', and those of the threads from outside.

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "place.hpp"

namespace cacheline::parallel_detail {

/// The places that thieves go round. There is one for each worker, and as many for threads from
/// outside, the guests, as have ever called at once. Thieves look at the guests' places only up to
/// the last that is taken.
class Places {
public:
    explicit Places(std::size_t workers) : workers_(workers) {
        // Each begins behind its own, so that thieves don't all come to the same place first.
        for (std::size_t i = 0; i < workers; ++i)
            workers_[i].first_victim = i + 1;
    }

    Place& worker(std::size_t index) { return workers_[index]; }

    /// A place for a thread from outside: the first that is free.
    Place& admit() {
        const std::lock_guard lock(mutex_);
        std::unique_ptr<Guest>* next = &guests_;
        std::size_t number = 1;
        for (; *next != nullptr && (*next)->taken; next = &(*next)->next)
            ++number;
        if (*next == nullptr) *next = std::make_unique<Guest>();
        Guest& guest = **next;
        guest.taken = true;
        if (number > guests_in_use_.load(std::memory_order_relaxed)) guests_in_use_.store(number);
        return guest.place;
    }

    void dismiss(const Place& place) noexcept {
        const std::lock_guard lock(mutex_);
        std::size_t in_use = 1;
        std::size_t number = 1;
        for (Guest* guest = guests_.get(); guest != nullptr; guest = guest->next.get(), ++number) {
            if (&guest->place == &place) guest->taken = false;
            if (guest->taken) in_use = number;
        }
        if (in_use < guests_in_use_.load(std::memory_order_relaxed)) guests_in_use_.store(in_use);
    }

    /// A piece that `may(piece)` allows, from another place than the thief's own.
    template <typename May>
    std::optional<Piece> steal(const Place& thief, May may) noexcept {
        const std::size_t count = workers_.size();
        for (std::size_t i = 0, next = thief.first_victim; i < count; ++i, ++next) {
            Place& victim = workers_[next < count ? next : next - count];
            if (&victim == &thief) continue;
            if (std::optional<Piece> piece = victim.steal(may)) return piece;
        }
        Guest* guest = nullptr;
        for (std::size_t left = guests_in_use_.load(); left > 0; --left) {
            guest = guest == nullptr ? guests_.get() : guest->next.get();
            if (&guest->place == &thief) continue;
            if (std::optional<Piece> piece = guest->place.steal(may)) return piece;
        }
        return std::nullopt;
    }

private:
    struct Guest {
        Place place;
        bool taken = false;  ///< under mutex_
        std::unique_ptr<Guest> next;
    };

    std::vector<Place> workers_;
    std::unique_ptr<Guest> guests_;  ///< a list to which only the end is added, under mutex_
    /// How many guests there are up to the last whose place is taken. Raised after the list was
    /// made as long: so thieves may follow it that far. Not lowered to 0 again: thieves read it all
    /// the time, and a single caller would take the line from them twice in each call.
    std::atomic<std::size_t> guests_in_use_{0};
    alignas(64) std::mutex mutex_;
};

}  // namespace cacheline::parallel_detail
