#pragma once

// The threads of a processor, and how they share a call.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "call.hpp"
#include "doorbell.hpp"
#include "leaf_length.hpp"
#include "place.hpp"
#include "places.hpp"

namespace cacheline::parallel_detail {

/// Lets a core's other thread, and its power budget, have the time that a spinning thread wastes.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

/// The threads that work on calls: the workers, and each caller as long as its call lasts.
///
/// How it works. A call is a range of indices. The thread that calls halves it, puts the right half
/// into its deque, halves the left one again, and so on down to a *leaf*, which it works through;
/// then it pops the next piece, which is the nearest one. Threads with nothing to do steal from the
/// other end, where the largest pieces are, and halve those in turn.
///
/// What a waiting thread may do. The caller of a call whose last pieces are in others' hands takes
/// pieces of that call and of calls nested in it, and nothing else. Three things follow.
/// - An item that holds a lock around an inner call is safe: above it on its thread's stack run
///   only items for which it waits anyway. An item from elsewhere, however deeply nested there,
///   might want the same lock and would never get it.
/// - Waits form no circle. Whatever runs on top of an item, on any thread and in any crew, is
///   nested in that item's call. So if one thread waits for a call, and another is kept from its
///   piece of that call by a wait of its own, then that is a wait for a call nested in the first:
///   deeper in a tree that is finite. At the deepest place somebody runs an item. Exceptions change
///   nothing, as abandoned items count as done.
/// - Each call ends, even if nobody helps: a piece is either in the hands of a thread or in the
///   deque of one that comes back for it when what runs on top of it has ended.
class Crew {
public:
    /// @throws std::system_error  if a thread can't be started; those that were started have ended
    explicit Crew(std::size_t threads)
        : threads_(threads),
          places_(threads - 1),
          spin_(threads <= cores() ? kSpin : Clock::duration::zero()) {
        workers_.reserve(threads - 1);
        try {
            // The caller of a process function is the last of the threads.
            for (std::size_t i = 0; i < threads - 1; ++i)
                workers_.emplace_back([this, i] { serve(places_.worker(i)); });
        } catch (...) {
            stop();
            throw;
        }
    }

    ~Crew() { stop(); }

    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    static std::size_t cores() noexcept {
        return std::max<std::size_t>(1, std::thread::hardware_concurrency());
    }

    [[nodiscard]] std::size_t threads() const noexcept { return threads_; }

    /// Calls leaf(i, end) for ranges [i, end) that make up [0, count). The leaf counts i up, so
    /// that i is the item under way if it throws.
    template <typename Leaf>
    void for_each_leaf(std::size_t count, Leaf leaf) {
        if (threads_ == 1 || count <= 1) {
            std::size_t i = 0;
            if (count > 0) leaf(i, count);
        } else {
            share(count, leaf);
        }
    }

private:
    /// How long a thread looks for work before it sleeps, and how much of that it does without
    /// offering its core to others. To wake a sleeper takes some ten microseconds, so this is the
    /// usual bargain: to wait for about as long as the loss would be.
    static constexpr Clock::duration kPatience = std::chrono::microseconds(50);
    static constexpr Clock::duration kSpin = std::chrono::microseconds(20);

    /// What a thread is in the middle of, from the innermost call outwards, in whichever crews.
    struct Here {
        const Crew* crew;
        Place* place;
        Call* call;
        const Here* around;
    };

    static const Here*& here() noexcept {
        thread_local const Here* here = nullptr;
        return here;
    }

    static Call* current_call() noexcept { return here() == nullptr ? nullptr : here()->call; }

    /// A caller's place and level, while its call lasts. A thread that comes back by way of
    /// another crew has a place here already.
    struct Seat {
        explicit Seat(Crew& its_crew)
            : crew(its_crew),
              own(its_crew.own_place()),
              place(own == nullptr ? its_crew.places_.admit() : *own),
              level(place.enter()) {}

        ~Seat() {
            place.leave();
            if (own == nullptr) crew.places_.dismiss(place);
        }

        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;

        Crew& crew;
        Place* own;
        Place& place;
        Level& level;
    };

    Place* own_place() const noexcept {
        const Here* at = here();
        while (at != nullptr && at->crew != this)
            at = at->around;
        return at == nullptr ? nullptr : at->place;
    }

    /// A call that others may help with. The leaf is one of its own: others see this one, so a
    /// plain loop over the caller's would have to expect that they change it.
    template <typename Leaf>
    void share(std::size_t count, Leaf leaf) {
        const Seat seat(*this);
        Level& level = seat.level;
        level.call.begin(leaf, count, longest_leaf(count, threads_), this, current_call());
        work_on(seat.place, level, {&level.call, 0, count});
        wait_for(level.call, seat.place, level);
        level.call.rethrow();
    }

    /// Works through a piece, offering parts of it to others all the while. Returns when nothing of
    /// it is left here, though others may still be at it.
    void work_on(Place& place, Level& level, Piece piece) {
        Call& call = *piece.call;
        const Here at{this, &place, &call, here()};
        here() = &at;
        LeafLength leaf(call.max_leaf);
        std::size_t done = 0;
        for (;;) {
            const std::size_t end =
                std::min(piece.last, call.failed_at.load(std::memory_order_relaxed));
            if (piece.first < end) {
                while (piece.last - piece.first > leaf.items()) {
                    const std::size_t middle = piece.first + (piece.last - piece.first) / 2;
                    if (!level.deque.try_push({&call, middle, piece.last})) break;
                    piece.last = middle;
                    wake_for(&call);
                }
                call.run_leaf(call, piece.first, std::min(piece.last, end));
                leaf.learn(piece.last - piece.first);
            }
            done += piece.last - piece.first;
            const std::optional<Piece> next = level.deque.try_pop();
            if (!next) break;
            piece = *next;
        }
        here() = at.around;
        call.finish(done);
    }

    /// Works on what is left of a call in others' hands, or on calls nested in it, until it is
    /// over.
    void wait_for(Call& call, Place& place, Level& level) {
        const auto over = [&] { return call.over(); };
        const auto may = [&](const Piece& piece) { return piece.call->is_in(call); };
        const auto hand_on = [&] { wake_for(call.outer.load(std::memory_order_relaxed)); };
        while (const std::optional<Piece> piece = find_work(place, call.bell, over, may, hand_on))
            work_on(place, level, *piece);
    }

    /// A worker's life.
    void serve(Place& place) {
        Level& level = place.enter();
        const auto over = [this] { return stopping_.load(); };
        const auto may = [](const Piece&) { return true; };
        const auto hand_on = [] {};  // what is nothing for a worker is nothing for anybody
        while (const std::optional<Piece> piece = find_work(place, idle_, over, may, hand_on))
            work_on(place, level, *piece);
    }

    /// There is something to take in `call`: wakes somebody who may take it. First those who wait
    /// for it, or for what it is nested in, the nearest first, as there is the least that they may
    /// do; else an idle worker.
    void wake_for(Call* call) {
        for (; call != nullptr; call = call->outer.load(std::memory_order_relaxed))
            if (call->bell.ring()) return;
        idle_.ring();
    }

    /// A piece that `may(piece)` allows, stolen from another thread, or nothing once `over` is
    /// true. Spins for a moment, since work often comes back to back, then yields, then sleeps at
    /// `bell`.
    ///
    /// A thread that was woken, and finds that the others were faster, hands its wake-up on: there
    /// may be another piece now which it may not take, and for which nobody was woken, as the one
    /// who was took its piece.
    template <typename Over, typename May, typename HandOn>
    std::optional<Piece> find_work(const Place& place, Doorbell& bell, Over over, May may,
                                   HandOn hand_on) {
        std::optional<Piece> piece;
        const auto found = [&] {
            return over() || (piece = places_.steal(place, may)).has_value();
        };
        const Clock::time_point start = Clock::now();
        for (;;) {
            if (found()) return piece;
            const Clock::duration waited = Clock::now() - start;
            if (waited > kPatience) break;
            if (waited < spin_) {
                pause();
            } else {
                std::this_thread::yield();
            }
        }
        while (!bell.sleep_unless(found)) {
            if (found()) break;
            hand_on();
        }
        return piece;
    }

    void stop() noexcept {
        stopping_.store(true);
        idle_.ring_all();
        for (std::thread& worker : workers_)
            worker.join();
    }

    const std::size_t threads_;
    Places places_;
    const Clock::duration spin_;
    Doorbell idle_;  ///< where workers sleep; callers sleep at the bell of their call
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> workers_;
};

}  // namespace cacheline::parallel_detail
