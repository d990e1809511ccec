#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "parallel_types.hpp"
#include "work_stealing_deque.hpp"

namespace cacheline {

namespace detail {

/// Where threads sleep that looked for work and found none.
///
/// No wake-up is lost. A sleeper counts itself, then looks once more (`ready`); who makes work
/// publishes it, then reads the count. All four are seq_cst operations, so in their total order
/// either the count comes before its reading, and the bell rings, or the work comes before the last
/// look, which finds it. The ringer goes through the mutex, so it can't ring in the gap between the
/// sleeper's look and its sleep.
class Doorbell {
public:
    template <typename Ready>
    void sleep_until(Ready ready) {
        std::unique_lock lock(mutex_);
        sleepers_.fetch_add(1);
        rung_.wait(lock, ready);
        sleepers_.fetch_sub(1);
    }

    /// Wakes one sleeper, to look again. @return whether there was one.
    bool ring() {
        if (sleepers_.load() == 0) return false;
        const std::lock_guard lock(mutex_);
        rung_.notify_one();
        return true;
    }

    void ring_all() {
        const std::lock_guard lock(mutex_);
        rung_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable rung_;
    std::atomic<int> sleepers_{0};
};

/// Lets a core's other thread, and its power budget, have the time that a spinning thread wastes.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
}

}  // namespace detail

/// Maps functions over data on several threads, with results in input order.
///
/// How it works. A call is a range of indices. The thread that calls halves it, puts the right half
/// into its deque, halves the left one again, and so on down to a *leaf*, which it works through;
/// then it pops the next piece, which is the nearest one. Threads with nothing to do steal from the
/// other end, where the largest pieces are, and halve those in turn. How long a leaf is, is learned
/// while working: as many items as take a few microseconds, which is long enough to hide the price
/// of the deque and short enough that no thread sits on work that others wait for.
///
/// Sources: work stealing and its bounds, Blumofe and Leiserson ("Scheduling Multithreaded
/// Computations by Work Stealing", JACM 1999); for the deque see there.
class ParallelProcessor {
public:
    static constexpr std::size_t kMaxThreads = 1024;

    explicit ParallelProcessor(std::size_t threads = 0)
        : threads_(checked(threads)),
          slots_(std::make_unique<Slot[]>(threads_ - 1 + kGuests)),
          spin_(threads_ <= cores() ? kSpin : Clock::duration::zero()) {
        workers_.reserve(threads_ - 1);
        try {
            // The caller of a process function is the last of the threads.
            for (std::size_t i = 0; i < threads_ - 1; ++i)
                workers_.emplace_back([this, i] { serve(slots_[i]); });
        } catch (...) {
            stop();
            throw;
        }
    }

    ~ParallelProcessor() { stop(); }

    ParallelProcessor(const ParallelProcessor&) = delete;
    ParallelProcessor& operator=(const ParallelProcessor&) = delete;

    [[nodiscard]] std::size_t threads() const noexcept { return threads_; }

    template <Processable Range, typename F>
    std::vector<ResultOf<F, Range>> process_parallel(Range&& range, F&& f) {
        using Result = ResultOf<F, Range>;
        const std::size_t size = std::ranges::size(range);
        if constexpr (kAssignable<Result>) {
            std::vector<Result> results(size);
            process_into(std::forward<Range>(range), std::span(results), f);
            return results;
        } else {
            // An optional knows whether it holds something, so after an exception exactly what was
            // made is destroyed.
            std::vector<std::optional<Result>> made(size);
            for_each_leaf(size, [items = std::ranges::begin(range), to = made.data(), f = &f](
                                    std::size_t& i, std::size_t end) {
                for (; i < end; ++i)
                    to[i].emplace(std::invoke(*f, item_at<Range>(items, i)));
            });
            std::vector<Result> results;
            results.reserve(size);
            for (std::optional<Result>& result : made)
                results.push_back(*std::move(result));
            return results;
        }
    }

    template <Processable Range, typename Result, typename F>
    void process_into(Range&& range, std::span<Result> results, F&& f) {
        const std::size_t size = std::ranges::size(range);
        if (results.size() != size)
            throw std::invalid_argument("process_into: " + std::to_string(size) + " items, but " +
                                        std::to_string(results.size()) + " places for results");
        for_each_leaf(size, [items = std::ranges::begin(range), to = results.data(), f = &f](
                                std::size_t& i, std::size_t end) {
            for (; i < end; ++i)
                to[i] = std::invoke(*f, item_at<Range>(items, i));
        });
    }

    template <Chunkable Range, typename F>
    std::vector<ChunkResultOf<F, Range>> process_chunked(Range&& range, std::size_t chunk_size,
                                                         F&& f) {
        using Result = ChunkResultOf<F, Range>;
        using Results = std::vector<Result>;
        if (chunk_size == 0) throw std::invalid_argument("process_chunked: a chunk size of 0");
        const std::size_t size = std::ranges::size(range);
        const std::size_t chunks = size / chunk_size + (size % chunk_size != 0 ? 1 : 0);
        // Most often a chunk gives one result for each item. Then its results belong where its
        // items stood, and are moved there while they are warm in the cache. Only other chunks are
        // kept, and make a second pass necessary.
        Results results;
        if constexpr (kAssignable<Result>) results.resize(size);
        std::vector<std::optional<Results>> kept(chunks);
        std::atomic<bool> complete{true};
        for_each_leaf(chunks, [&](std::size_t& i, std::size_t end) {
            for (; i < end; ++i) {
                const std::size_t first = i * chunk_size;
                const ChunkOf<Range> chunk(std::ranges::data(range) + first,
                                           std::min(chunk_size, size - first));
                Results made = std::invoke(f, chunk);
                if constexpr (kAssignable<Result>) {
                    if (made.size() == chunk.size()) {
                        std::ranges::move(made, results.data() + first);
                        continue;
                    }
                }
                kept[i] = std::move(made);
                complete.store(false, std::memory_order_relaxed);
            }
        });
        if (complete.load(std::memory_order_relaxed)) return results;
        return joined(std::move(results), kept, chunk_size);
    }

private:
    using Clock = std::chrono::steady_clock;

    /// Whether results can be assigned to the elements of a vector that is there already, by
    /// several threads at once. Not so in std::vector<bool>: it keeps eight elements in a byte, and
    /// two threads would write the same one.
    template <typename Result>
    static constexpr bool kAssignable =
        std::conjunction_v<std::is_default_constructible<Result>, std::is_move_assignable<Result>,
                           std::negation<std::is_same<Result, bool>>>;

    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    /// How long a leaf should take: a hundred times what it costs to push, to pop and to look at
    /// the clock.
    static constexpr Clock::duration kLeafTime = std::chrono::microseconds(10);
    /// How long a thread looks for work before it sleeps, and how much of that it does without
    /// offering its core to others. To wake a sleeper takes some ten microseconds, so this is the
    /// usual bargain: to wait for about as long as the loss would be.
    static constexpr Clock::duration kPatience = std::chrono::microseconds(50);
    static constexpr Clock::duration kSpin = std::chrono::microseconds(20);
    /// How many threads from outside can be helped at a time. Further ones do their work alone.
    static constexpr std::size_t kGuests = 16;

    struct Slot;

    /// One call of a process function. Lives on the caller's stack until all its items are done.
    struct Job {
        using Run = void (*)(Job&, std::size_t first, std::size_t last);

        Job(Run run_leaf, std::size_t count) : run(run_leaf), remaining(count) {}

        void fail(std::size_t item, std::exception_ptr thrown) {
            const std::lock_guard lock(mutex);
            if (item >= failed_at.load(std::memory_order_relaxed)) return;
            failed_at.store(item, std::memory_order_relaxed);
            error = std::move(thrown);
        }

        Run run;
        std::size_t max_leaf = 1;
        std::size_t depth = 0;  ///< how many calls it is nested in
        Job* outer = nullptr;   ///< the call of this pool that it is nested in
        Slot* caller = nullptr;
        /// Items not done yet. Whoever brings it to 0 has seen, by acquire, what all others did.
        std::atomic<std::size_t> remaining;
        /// The first item known to have thrown. Items behind it are skipped; those before it are
        /// not, as one of them may throw too. A hint, hence relaxed: `remaining` orders the rest.
        std::atomic<std::size_t> failed_at{kNone};
        std::mutex mutex;
        std::exception_ptr error;
    };

    template <typename Leaf>
    struct JobOf : Job {
        JobOf(Leaf function, std::size_t count) : Job(&run_leaf, count), leaf(function) {}

        static void run_leaf(Job& job, std::size_t first, std::size_t last) {
            // A copy on the stack: what it captured stays in registers, since no store through a
            // result can alias it, and the loop can be vectorized.
            Leaf leaf = static_cast<JobOf&>(job).leaf;
            std::size_t item = first;
            try {
                leaf(item, last);
            } catch (...) {
                job.fail(item, std::current_exception());
            }
        }

        Leaf leaf;
    };

    /// Some neighbouring items of a job. The depth stands here because a thief must not look into
    /// a job before the piece is its own.
    struct Piece {
        Job* job;
        std::size_t depth;
        std::size_t first;
        std::size_t last;
    };

    /// What a thread that works for this pool has: a worker always, a caller while it calls.
    struct alignas(64) Slot {
        WorkStealingDeque<Piece> deque;
        detail::Doorbell bell;  ///< where it sleeps while others finish its call
        std::atomic<bool> taken{false};
    };

    /// Where the calling thread stands.
    struct Here {
        ParallelProcessor* pool = nullptr;
        Slot* slot = nullptr;
        Job* job = nullptr;
    };
    static Here& here() noexcept {
        thread_local Here here;
        return here;
    }

    static std::size_t cores() noexcept {
        return std::max<std::size_t>(1, std::thread::hardware_concurrency());
    }

    static std::size_t checked(std::size_t threads) {
        if (threads > kMaxThreads)
            throw std::invalid_argument("ParallelProcessor: " + std::to_string(threads) +
                                        " threads; it takes up to " + std::to_string(kMaxThreads));
        return threads == 0 ? std::min(cores(), kMaxThreads) : threads;
    }

    /// The results of all chunks in order: those kept, and for the others their part of `placed`.
    template <typename Results>
    static Results joined(Results placed, std::vector<std::optional<Results>>& kept,
                          std::size_t chunk_size) {
        const auto placed_part = [&](std::size_t i) {
            const std::size_t first = i * chunk_size;
            const auto begin = placed.begin() + static_cast<std::ptrdiff_t>(first);
            const std::size_t length = std::min(chunk_size, placed.size() - first);
            return std::pair(begin, begin + static_cast<std::ptrdiff_t>(length));
        };
        std::size_t total = 0;
        for (std::size_t i = 0; i < kept.size(); ++i)
            total +=
                kept[i] ? kept[i]->size() : std::min(chunk_size, placed.size() - i * chunk_size);
        Results results;
        results.reserve(total);
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const auto [begin, end] =
                kept[i] ? std::pair(kept[i]->begin(), kept[i]->end()) : placed_part(i);
            results.insert(results.end(), std::move_iterator(begin), std::move_iterator(end));
        }
        return results;
    }

    /// Calls leaf(i, end) for ranges [i, end) that make up [0, count). The leaf counts i up, so
    /// that i is the item under way if it throws.
    template <typename Leaf>
    void for_each_leaf(std::size_t count, Leaf leaf) {
        if (threads_ == 1 || count <= 1) {
            std::size_t i = 0;
            if (count > 0) leaf(i, count);
            return;
        }
        JobOf<Leaf> job(leaf, count);
        execute(job, count);
        if (job.error) std::rethrow_exception(job.error);
    }

    void execute(Job& job, std::size_t count) {
        const Here outer = here();
        job.depth = outer.job == nullptr ? 0 : outer.job->depth + 1;
        // As few items as there are threads may wait for each other, so they must not share a leaf.
        // Otherwise a leaf stays small beside a thread's share, whatever its items took so far:
        // what comes next may take a thousand times as long.
        if (count > threads_) job.max_leaf = std::max<std::size_t>(8, count / (threads_ * 256));

        if (outer.pool == this) {  // from inside an item
            job.outer = outer.job;
            execute_in(*outer.slot, job, count);
            return;
        }
        Slot* const slot = take_guest_slot();
        if (slot == nullptr) {
            job.run(job, 0, count);
            return;
        }
        execute_in(*slot, job, count);
        slot->taken.store(false, std::memory_order_release);
    }

    void execute_in(Slot& slot, Job& job, std::size_t count) {
        job.caller = &slot;
        work_on(slot, {&job, job.depth, 0, count});
        // What is left is in others' hands. Meanwhile this thread helps with its own call, or with
        // calls nested deeper, but with nothing further out: so it never starts, on top of an item
        // that may hold a lock, another item that wants the same lock; its stack grows no deeper
        // than the calls are nested; and, each wait being for something deeper, no cycle of waits
        // is possible.
        const auto over = [&] { return job.remaining.load() == 0; };
        const auto useful = [&](const Piece& piece) {
            return piece.job == &job || piece.depth > job.depth;
        };
        while (const std::optional<Piece> piece = find_work(slot, slot.bell, over, useful))
            work_on(slot, *piece);
    }

    Slot* take_guest_slot() noexcept {
        for (std::size_t i = threads_ - 1; i < slot_count(); ++i)
            if (!slots_[i].taken.load(std::memory_order_relaxed) &&
                !slots_[i].taken.exchange(true, std::memory_order_acquire))
                return &slots_[i];
        return nullptr;
    }

    /// Works through a piece, offering parts of it to others all the while. Returns when nothing of
    /// it is left here, though others may still be at it.
    void work_on(Slot& slot, Piece piece) {
        Job& job = *piece.job;
        const Here outer = std::exchange(here(), Here{this, &slot, &job});
        std::size_t done = 0;
        std::size_t leaf = 1;
        // Entries of this piece in the deque, less those stolen. A thief takes the oldest first: as
        // long as one of ours is in, a pop gives ours, and once one of ours is stolen, nothing
        // older is left that a pop could give by mistake.
        std::size_t pushed = 0;
        Clock::time_point start = Clock::now();
        for (;;) {
            const std::size_t end =
                std::min(piece.last, job.failed_at.load(std::memory_order_relaxed));
            if (piece.first < end) {
                while (piece.last - piece.first > leaf) {
                    const std::size_t middle = piece.first + (piece.last - piece.first) / 2;
                    if (!slot.deque.try_push({&job, job.depth, middle, piece.last})) break;
                    ++pushed;
                    piece.last = middle;
                    announce(job);
                }
                job.run(job, piece.first, std::min(piece.last, end));
                const Clock::time_point now = Clock::now();
                leaf = next_leaf(piece.last - piece.first, leaf, now - start, job.max_leaf);
                start = now;
            }
            done += piece.last - piece.first;
            if (pushed == 0) break;
            const std::optional<Piece> next = slot.deque.try_pop();
            if (!next) break;
            --pushed;
            piece = *next;
        }
        here() = outer;
        finish(job, done);
    }

    /// Twice as long after one that was quick, in proportion after one that was slow.
    static std::size_t next_leaf(std::size_t items, std::size_t leaf, Clock::duration took,
                                 std::size_t max_leaf) noexcept {
        if (took <= kLeafTime) return std::min(std::max(leaf, 2 * items), max_leaf);
        const auto times = static_cast<std::size_t>(took / kLeafTime);
        return std::min(std::max<std::size_t>(1, items / times), max_leaf);
    }

    /// There is something to take: wakes an idle worker, or else a caller that may help.
    void announce(Job& job) {
        if (idle_.ring()) return;
        for (Job* waiting = &job; waiting != nullptr; waiting = waiting->outer)
            if (waiting->caller->bell.ring()) return;
    }

    static void finish(Job& job, std::size_t done) {
        Slot* const caller = job.caller;  // the job may be gone as soon as nothing remains
        if (job.remaining.fetch_sub(done) == done) caller->bell.ring();
    }

    /// A worker's life.
    void serve(Slot& slot) {
        const auto over = [this] { return stopping_.load(); };
        const auto useful = [](const Piece&) { return true; };
        while (const std::optional<Piece> piece = find_work(slot, idle_, over, useful))
            work_on(slot, *piece);
    }

    /// A piece stolen from another thread, or nothing once `over` is true. Spins for a moment,
    /// since work often comes back to back, then yields, then sleeps at `bell`.
    template <typename Over, typename Useful>
    std::optional<Piece> find_work(Slot& slot, detail::Doorbell& bell, Over over, Useful useful) {
        std::optional<Piece> piece;
        const auto found = [&] { return over() || (piece = steal(slot, useful)).has_value(); };
        const Clock::time_point start = Clock::now();
        for (;;) {
            if (found()) return piece;
            const Clock::duration waited = Clock::now() - start;
            if (waited > kPatience) break;
            if (waited < spin_) {
                detail::pause();
            } else {
                std::this_thread::yield();
            }
        }
        bell.sleep_until(found);
        return piece;
    }

    template <typename Useful>
    std::optional<Piece> steal(Slot& thief, Useful useful) {
        const std::size_t count = slot_count();
        auto victim = static_cast<std::size_t>(&thief - slots_.get());
        for (std::size_t i = 1; i < count; ++i) {
            if (++victim == count) victim = 0;
            if (std::optional<Piece> piece = slots_[victim].deque.try_steal(useful)) return piece;
        }
        return std::nullopt;
    }

    std::size_t slot_count() const noexcept { return threads_ - 1 + kGuests; }

    void stop() noexcept {
        stopping_.store(true);
        idle_.ring_all();
        for (std::thread& worker : workers_)
            worker.join();
    }

    const std::size_t threads_;
    const std::unique_ptr<Slot[]> slots_;  ///< the workers' first, then the guests'
    const Clock::duration spin_;
    detail::Doorbell idle_;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> workers_;
};

}  // namespace cacheline
