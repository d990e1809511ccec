#pragma once

// The results of chunks: any number for each, and one vector of them all.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "results.hpp"

namespace cacheline::parallel_detail {

/// Gathers the vectors that a function makes of chunks, from several threads.
///
/// Most often a chunk gives one result for each item. Then its results belong where its items
/// stand, and can be *placed* there, in a vector as long as the range, while they are warm in the
/// cache. Other chunks' vectors are *kept*, and make a second pass necessary.
///
/// But nobody knows beforehand. A text of a million characters may give sixteen large results, and
/// places for a million of them would be a gigabyte. So at first all are kept. The first chunk that
/// differs decides that it stays so. If a sixteenth of the items has given one result each before
/// that, the rest is placed, and the places are at most sixteen times what there is already.
template <typename Result>
class ChunkResults {
public:
    using Results = std::vector<Result>;

    ChunkResults(std::size_t items, std::size_t chunk_size)
        : items_(items),
          chunk_size_(chunk_size),
          chunks_(items / chunk_size + (items % chunk_size != 0 ? 1 : 0)),
          blocks_(chunks_ / kBlock + 1) {}

    [[nodiscard]] std::size_t chunks() const noexcept { return chunks_; }
    [[nodiscard]] std::size_t first_item(std::size_t chunk) const noexcept {
        return chunk * chunk_size_;
    }
    [[nodiscard]] std::size_t length(std::size_t chunk) const noexcept {
        return std::min(chunk_size_, items_ - first_item(chunk));
    }

    /// Takes what a chunk has given. Once for each chunk, from any thread.
    void put(std::size_t chunk, Results made) {
        if (made.size() != length(chunk)) {
            Plan plan = plan_.load();
            if (plan == Plan::kUndecided && plan_.compare_exchange_strong(plan, Plan::kKeep))
                plan = Plan::kKeep;
            if (plan == Plan::kKeep) {
                if (made.empty()) return;
            } else {
                uniform_.store(false, std::memory_order_relaxed);
            }
        } else if constexpr (kAssignable<Result>) {
            if (may_place(made.size())) {
                std::ranges::move(made, placed_.data() + first_item(chunk));
                return;
            }
        }
        block_of(chunk)[chunk % kBlock] = std::move(made);
    }

    /// The results of all chunks in order. When all have been put.
    Results joined() && {
        const bool placed = plan_.load() == Plan::kPlace;
        if (placed && uniform_.load(std::memory_order_relaxed)) {
            // Only those from the time before the decision are kept.
            for (std::size_t i = 0; i < chunks_; ++i)
                if constexpr (kAssignable<Result>)
                    if (Results* const results = kept(i))
                        std::ranges::move(*results, placed_.data() + first_item(i));
            return std::move(placed_);
        }
        std::size_t total = 0;
        for (std::size_t i = 0; i < chunks_; ++i) {
            if (const Results* const results = kept(i))
                total += results->size();
            else if (placed)
                total += length(i);
        }
        Results all;
        all.reserve(total);
        const auto append = [&all](auto first, std::size_t count) {
            all.insert(all.end(), std::move_iterator(first),
                       std::move_iterator(first + static_cast<std::ptrdiff_t>(count)));
        };
        for (std::size_t i = 0; i < chunks_; ++i) {
            if (Results* const results = kept(i))
                append(results->begin(), results->size());
            else if (placed)
                append(placed_.begin() + static_cast<std::ptrdiff_t>(first_item(i)), length(i));
        }
        return all;
    }

private:
    enum class Plan : int { kUndecided, kPrepare, kPlace, kKeep };

    static constexpr std::size_t kBlock = 64;
    using Block = std::array<std::optional<Results>, kBlock>;

    /// Whether a chunk that has given one result for each of its `items` is to be placed.
    bool may_place(std::size_t items) {
        if (plan_.load(std::memory_order_relaxed) == Plan::kKeep) return false;
        if (plan_.load() == Plan::kPlace) return true;
        if (sample_.fetch_add(items, std::memory_order_relaxed) + items < items_ / 16) return false;
        const std::lock_guard lock(mutex_);  // the others wait: the places are worth it
        Plan plan = Plan::kUndecided;
        if (plan_.compare_exchange_strong(plan, Plan::kPrepare)) {
            placed_.resize(items_);
            plan = Plan::kPlace;
            plan_.store(plan);
        }
        return plan == Plan::kPlace;
    }

    /// The block of a chunk, made when it is needed first: most often there is nothing to keep.
    Block& block_of(std::size_t chunk) {
        std::atomic<Block*>& block = blocks_[chunk / kBlock].block;
        Block* there = block.load();
        if (there == nullptr) {
            auto made = std::make_unique<Block>();
            if (block.compare_exchange_strong(there, made.get())) there = made.release();
        }
        return *there;
    }

    /// What is kept of a chunk, or nullptr if that was placed, or nothing.
    Results* kept(std::size_t chunk) noexcept {
        Block* const block = blocks_[chunk / kBlock].block.load(std::memory_order_relaxed);
        if (block == nullptr || !(*block)[chunk % kBlock]) return nullptr;
        return &*(*block)[chunk % kBlock];
    }

    struct OwnedBlock {
        OwnedBlock() = default;
        OwnedBlock(const OwnedBlock&) = delete;
        OwnedBlock& operator=(const OwnedBlock&) = delete;
        ~OwnedBlock() { delete block.load(std::memory_order_relaxed); }
        std::atomic<Block*> block{nullptr};
    };

    const std::size_t items_;
    const std::size_t chunk_size_;
    const std::size_t chunks_;
    std::vector<OwnedBlock> blocks_;
    std::atomic<Plan> plan_{Plan::kUndecided};
    std::atomic<bool> uniform_{true};     ///< whether all that was not placed could have been
    std::atomic<std::size_t> sample_{0};  ///< items whose results were kept to see how it goes
    std::mutex mutex_;
    Results placed_;
};

}  // namespace cacheline::parallel_detail
