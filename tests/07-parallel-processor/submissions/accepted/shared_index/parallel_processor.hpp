// accepted: no stealing at all: threads fetch a few items at a time from one shared index (the first rung)
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "parallel_types.hpp"
#include "work_stealing_deque.hpp"

namespace cacheline {

class ParallelProcessor {
public:
    static constexpr std::size_t kMaxThreads = 1024;

    explicit ParallelProcessor(std::size_t threads = 0) : threads_(threads) {
        if (threads > kMaxThreads) throw std::invalid_argument(std::to_string(threads) + " threads");
        if (threads == 0) threads_ = std::max(1U, std::thread::hardware_concurrency());
        try {
            while (workers_.size() + 1 < threads_)
                workers_.emplace_back([this] { serve(); });
        } catch (...) {
            stop();
            throw;
        }
    }

    ~ParallelProcessor() { stop(); }

    std::size_t threads() const { return threads_; }

    template <Processable Range, typename F>
    std::vector<ResultOf<F, Range>> process_parallel(Range&& range, F&& f) {
        const auto begin = std::ranges::begin(range);
        return gather<ResultOf<F, Range>>(std::ranges::size(range), [&](std::size_t i) {
            return std::invoke(f, item_at<Range>(begin, i));
        });
    }

    template <Processable Range, typename Result, typename F>
    void process_into(Range&& range, std::span<Result> results, F&& f) {
        if (results.size() != std::ranges::size(range))
            throw std::invalid_argument("process_into: not as many places as items");
        const auto begin = std::ranges::begin(range);
        for_each(results.size(), [&](std::size_t i) {
            results[i] = std::invoke(f, item_at<Range>(begin, i));
        });
    }

    template <Chunkable Range, typename F>
    std::vector<ChunkResultOf<F, Range>> process_chunked(Range&& range, std::size_t chunk_size,
                                                         F&& f) {
        if (chunk_size == 0) throw std::invalid_argument("process_chunked: a chunk size of 0");
        const std::size_t size = std::ranges::size(range);
        using Part = std::vector<ChunkResultOf<F, Range>>;
        std::vector<Part> parts =
            gather<Part>(size / chunk_size + (size % chunk_size > 0), [&](std::size_t i) -> Part {
                const std::size_t first = i * chunk_size;
                return std::invoke(f, ChunkOf<Range>(std::ranges::data(range) + first,
                                                     std::min(chunk_size, size - first)));
            });
        Part results;
        for (Part& part : parts)
            for (auto&& result : part)
                results.push_back(std::move(result));
        return results;
    }

private:
    struct Call {
        // Itself or nested in it, be it by way of another processor.
        bool is_in(const Call& other) const {
            const Call* call = this;
            while (call != nullptr && call != &other)
                call = call->outer;
            return call != nullptr;
        }

        void (*run)(Call&);
        Call* outer = current();
        std::size_t size;
        std::size_t step;
        std::atomic<std::size_t> next{0};
        int helpers = 0;  // guarded by the processor's mutex_
        std::mutex mutex;
        std::atomic<std::size_t> failed_at{static_cast<std::size_t>(-1)};
        std::exception_ptr error;
    };

    // The call of which this thread does an item.
    static Call*& current() {
        thread_local Call* call = nullptr;
        return call;
    }

    template <typename Result, typename Make>
    std::vector<Result> gather(std::size_t size, Make make) {
        std::vector<std::optional<Result>> made(size);
        for_each(size, [&](std::size_t i) { made[i].emplace(make(i)); });
        std::vector<Result> results;
        results.reserve(size);
        for (auto& result : made)
            results.push_back(std::move(*result));
        return results;
    }

    template <typename Body>
    void for_each(std::size_t size, Body body) {
        struct BodyCall : Call {
            BodyCall(Body& function, std::size_t count) : body(function) {
                size = count;
                run = [](Call& call) { static_cast<BodyCall&>(call).work(); };
            }
            void work() {
                Call* const before = std::exchange(current(), this);
                fetch();
                current() = before;
            }
            void fetch() {
                for (;;) {
                    const std::size_t first = Call::next.fetch_add(Call::step);
                    if (first >= Call::size) return;
                    const std::size_t last = std::min(first + Call::step, Call::size);
                    for (std::size_t i = first; i < last && i < Call::failed_at; ++i) {
                        try {
                            body(i);
                        } catch (...) {
                            const std::lock_guard lock(Call::mutex);
                            if (i < Call::failed_at) {
                                Call::failed_at = i;
                                Call::error = std::current_exception();
                            }
                        }
                    }
                }
            }
            Body& body;
        };
        BodyCall call(body, size);
        // Small steps find costly items, large ones make many tiny items cheap.
        call.step = std::clamp<std::size_t>(size / (threads_ * 512), 1, 4096);
        std::unique_lock lock(mutex_);
        const auto place = calls_.insert(calls_.begin(), &call);
        changed_.notify_all();
        lock.unlock();
        call.run(call);
        lock.lock();
        calls_.erase(place);
        while (call.helpers > 0) {
            if (Call* const inner = find([&](const Call& other) { return other.is_in(call); }))
                help(*inner, lock);
            else
                changed_.wait(lock);
        }
        if (call.error) std::rethrow_exception(call.error);
    }

    // The oldest call with items left that will do.
    template <typename WillDo>
    Call* find(WillDo will_do) {
        Call* found = nullptr;
        for (Call* call : calls_)
            if (call->next < call->size && will_do(*call)) found = call;
        return found;
    }

    void help(Call& call, std::unique_lock<std::mutex>& lock) {
        ++call.helpers;
        lock.unlock();
        call.run(call);
        lock.lock();
        --call.helpers;
        changed_.notify_all();
    }

    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (Call* const call = find([](const Call&) { return true; }))
                help(*call, lock);
            else if (stopping_)
                return;
            else
                changed_.wait(lock);
        }
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        for (std::thread& worker : workers_)
            worker.join();
    }

    std::size_t threads_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Call*> calls_;
    bool stopping_ = false;
    std::vector<std::thread> workers_;
};

}  // namespace cacheline
