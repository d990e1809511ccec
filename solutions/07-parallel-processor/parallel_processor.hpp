#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "chunk_results.hpp"
#include "crew.hpp"
#include "parallel_types.hpp"
#include "results.hpp"
#include "work_stealing_deque.hpp"

namespace cacheline {

/// Maps functions over data on several threads, with results in the order of the input.
///
/// **Threads.** The constructor starts the workers, and nothing else ever starts a thread. The
/// thread that calls a process function works too. A thread that finds nothing to do for a few
/// milliseconds sleeps: it then takes no processor time, be it between calls or while others still
/// work on a call.
///
/// **The function.** `f` is whatever std::invoke can call. It is called once for each item (or
/// chunk), by several threads at a time, through a reference: it is never copied.
///
/// **Sharing the work.** No thread keeps for itself what another could do:
/// - a call with at most threads() items runs all of them at the same time if no other call is
///   active: they may wait for each other;
/// - while one item takes long, the other threads finish at least nine tenths of the rest;
/// - costly items are shared among the threads wherever they stand, even if 90% of the work is in
///   the last 1% of the items.
///
/// **Exceptions.** If `f` throws, the call throws what `f` threw for the first such item in input
/// order. All items before that one have been processed. Items behind it are abandoned: soon after
/// an item has thrown, none behind it is begun any more. All results are destroyed, and the
/// processor is as good as before. What the range's iterators throw, or a result when it is moved
/// or assigned, counts as thrown by `f`.
///
/// **Calls inside calls.** Any number of threads may call process functions at once, and `f` itself
/// may, on the same processor or on another, to any depth. What is said above about sharing the
/// work holds for all these calls: idle threads help with each of them. A thread that waits for the
/// end of its call helps meanwhile, but only with that call and with those nested in it on the same
/// processor; it begins no other item. So an item may hold a lock around an inner call.
///
/// A range may be anything with random access and a size (`Processable`). Items reach `f` as they
/// are when the range is an lvalue, and as rvalues when it is an rvalue that owns them
/// (parallel_types.hpp).
class ParallelProcessor {
public:
    /// The most threads that a processor can have.
    static constexpr std::size_t kMaxThreads = 1024;

    /// Starts the threads: threads - 1 or `threads` of them, as the calling thread is one of those
    /// that work.
    ///
    /// @param threads  how many threads work on a call; 0 means one for each core.
    /// @throws std::invalid_argument  if `threads` is above kMaxThreads, with the number in the
    ///                                message; no thread was started then.
    /// @throws std::system_error      if the system can't start a thread; those that were started
    ///                                have ended then.
    explicit ParallelProcessor(std::size_t threads = 0) : crew_(checked(threads)) {}

    /// Ends the threads and waits for their end. No call may be active.
    ~ParallelProcessor() = default;

    ParallelProcessor(const ParallelProcessor&) = delete;
    ParallelProcessor& operator=(const ParallelProcessor&) = delete;

    /// How many threads work on a call, the calling one included.
    [[nodiscard]] std::size_t threads() const noexcept { return crew_.threads(); }

    /// Calls f(item) for each item.
    ///
    /// @return the results in the order of the items. Results need be neither default-constructible
    ///         nor copyable; they may be bool.
    template <Processable Range, typename F>
    std::vector<ResultOf<F, Range>> process_parallel(Range&& range, F&& f) {
        using Result = ResultOf<F, Range>;
        const std::size_t size = std::ranges::size(range);
        if constexpr (parallel_detail::kAssignable<Result>) {
            std::vector<Result> results(size);
            process_into(std::forward<Range>(range), std::span(results), f);
            return results;
        } else {
            std::vector<std::optional<Result>> made(size);
            crew_.for_each_leaf(size, [items = std::ranges::begin(range), to = made.data(), f = &f](
                                          std::size_t& i, std::size_t end) {
                for (; i < end; ++i)
                    to[i].emplace(std::invoke(*f, item_at<Range>(items, i)));
            });
            return parallel_detail::unwrapped(std::move(made));
        }
    }

    /// Calls f(item) for each item and assigns the result to the place of the same index. Items and
    /// places may be the same memory: each item is read before its place is written. After an
    /// exception the places of the items before the one that threw have their results; those behind
    /// it may or may not.
    ///
    /// @throws std::invalid_argument  if there are fewer places than items, or more; nothing was
    ///                                called or written then.
    template <Processable Range, typename Result, typename F>
    void process_into(Range&& range, std::span<Result> results, F&& f) {
        const std::size_t size = std::ranges::size(range);
        if (results.size() != size)
            throw std::invalid_argument("process_into: " + std::to_string(size) + " items, but " +
                                        std::to_string(results.size()) + " places for results");
        crew_.for_each_leaf(size, [items = std::ranges::begin(range), to = results.data(), f = &f](
                                      std::size_t& i, std::size_t end) {
            for (; i < end; ++i)
                to[i] = std::invoke(*f, item_at<Range>(items, i));
        });
    }

    /// Calls f(chunk) for each chunk of `chunk_size` neighbouring items; the last may be shorter. A
    /// chunk is a std::span of the range itself (`ChunkOf`): no item is copied. `f` returns a
    /// std::vector with any number of results.
    ///
    /// Costs less than one heap allocation for each two chunks, besides those in `f`. Takes memory
    /// for the chunks and for the results that there are, but not for as many results as there are
    /// items: a long text may give few and large ones. Where the documentation of the class says
    /// item, it means chunk here.
    ///
    /// @return the results of all chunks in order, in one vector.
    /// @throws std::invalid_argument  if chunk_size is 0.
    template <Chunkable Range, typename F>
    std::vector<ChunkResultOf<F, Range>> process_chunked(Range&& range, std::size_t chunk_size,
                                                         F&& f) {
        if (chunk_size == 0) throw std::invalid_argument("process_chunked: a chunk size of 0");
        const std::size_t size = std::ranges::size(range);
        parallel_detail::ChunkResults<ChunkResultOf<F, Range>> results(size, chunk_size);
        crew_.for_each_leaf(results.chunks(), [&](std::size_t& i, std::size_t end) {
            for (; i < end; ++i) {
                const ChunkOf<Range> chunk(std::ranges::data(range) + results.first_item(i),
                                           results.length(i));
                results.put(i, std::invoke(f, chunk));
            }
        });
        return std::move(results).joined();
    }

private:
    static std::size_t checked(std::size_t threads) {
        if (threads > kMaxThreads)
            throw std::invalid_argument("ParallelProcessor: " + std::to_string(threads) +
                                        " threads; it takes up to " + std::to_string(kMaxThreads));
        return threads == 0 ? std::min(parallel_detail::Crew::cores(), kMaxThreads) : threads;
    }

    parallel_detail::Crew crew_;
};

}  // namespace cacheline
