#pragma once

#include <allocation_report.hpp>
#include <cstddef>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "block_book.hpp"
#include "counters.hpp"
#include "observing.hpp"

namespace cacheline {

/// Passes requests on to another resource and counts them. All functions but set_observer may be
/// called by any number of threads at once. Blocks that are live when it is destroyed stay with the
/// upstream.
class InstrumentedResource final : public std::pmr::memory_resource {
    using BlockBook = allocator_detail::BlockBook;
    using Observing = allocator_detail::Observing;

public:
    /// Throws std::invalid_argument for a null upstream.
    explicit InstrumentedResource(std::pmr::memory_resource* upstream, Mode mode = Mode::counting)
        : upstream_(upstream) {
        if (upstream == nullptr)
            throw std::invalid_argument("InstrumentedResource: the upstream is null");
        if (mode == Mode::checked) book_ = std::make_unique<BlockBook>();
    }

    ~InstrumentedResource() override { counters_.retire(); }
    InstrumentedResource(const InstrumentedResource&) = delete;
    InstrumentedResource& operator=(const InstrumentedResource&) = delete;

    /// The counts: see Counters::stats.
    [[nodiscard]] AllocationStats stats() const { return counters_.stats(); }

    /// Calls `observer` on each event from now on, or nothing if it is empty. To be
    /// called while no other thread uses the resource, and not by an observer of it: that would end
    /// a function that is running.
    ///
    /// The observer is called on the thread of the event, after the event was counted; for a
    /// deallocation before the block goes back to the upstream, for a failure with a null address.
    /// It may do as it likes:
    ///
    /// - allocate from the resource or ask for its stats: what it allocates is counted but not
    ///   announced, so there is no recursion, and no lock is held that it could wait for;
    /// - allocate from another resource: that one's observer is told as ever, even if it uses this
    ///   resource in turn;
    /// - take its time: other threads' events are announced meanwhile;
    /// - throw: that is swallowed, and the allocation, deallocation or failure goes on as if there
    ///   were no observer.
    void set_observer(Observer observer) { observer_ = std::move(observer); }

    /// The live blocks by tag and size, in LeakReport's order. Throws std::logic_error unless in
    /// checked mode.
    [[nodiscard]] LeakReport leaks() const { return book("leaks").leaks(); }

    /// The totals of each tag that was charged, by name. A block is given back from the tag that it
    /// was allocated under. Throws std::logic_error unless in checked mode.
    [[nodiscard]] std::vector<TagStats> tags() const { return book("tags").tags(); }

    /// The misuses of deallocate so far, in order. A block that comes back with another size or
    /// alignment is counted, announced and given to the upstream with its own; if both are wrong,
    /// that is two misuses, the size first. A block that is not live is neither counted nor
    /// announced and goes no further. Throws std::logic_error unless in checked mode.
    [[nodiscard]] std::vector<Misuse> misuses() const {
        static_cast<void>(book("misuses"));
        const std::lock_guard lock(misuse_mutex_);
        return misuses_;
    }

private:
    /// Size and alignment go to the upstream as they are. What it throws, of whatever type, goes to
    /// the caller; it is counted as failed, announced, and changes nothing else.
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        void* block;
        try {
            block = obtain(size, alignment);
        } catch (...) {
            counters_.failed();
            announce({AllocationEvent::Kind::failed, nullptr, size, alignment});
            throw;
        }
        counters_.allocated(size);
        announce({AllocationEvent::Kind::allocated, block, size, alignment});
        return block;
    }

    /// Never throws: it is called by destructors. (In counting mode the size is believed. Null
    /// never comes here: memory_resource::deallocate must not be given it.)
    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        if (book_ != nullptr && !check(block, size, alignment)) return;
        // All before the block goes back: from then on another thread may be given it, and its
        // event must not overtake ours.
        counters_.deallocated(size);
        announce({AllocationEvent::Kind::deallocated, block, size, alignment});
        upstream_->deallocate(block, size, alignment);
    }

    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;  // another's block would spoil both books
    }

    void* obtain(std::size_t size, std::size_t alignment) {
        void* const block = upstream_->allocate(size, alignment);
        if (book_ != nullptr) {
            try {
                book_->add(block, size, alignment);
            } catch (...) {
                upstream_->deallocate(block, size, alignment);
                throw;
            }
        }
        return block;
    }

    // Corrects size and alignment to the recorded ones; false if the block is not live.
    bool check(const void* block, std::size_t& size, std::size_t& alignment) noexcept {
        const std::optional<BlockBook::Block> known = book_->remove(block);
        if (!known) {
            report(Misuse::Kind::not_live, block, size, 0, {});
            return false;
        }
        if (known->size != size)
            report(Misuse::Kind::wrong_size, block, size, known->size, known->tag);
        if (known->alignment != alignment)
            report(Misuse::Kind::wrong_alignment, block, alignment, known->alignment, known->tag);
        size = known->size;
        alignment = known->alignment;
        return true;
    }

    // Deallocation happens in destructors, so the report must not throw: with no memory left for
    // it, it is dropped.
    void report(Misuse::Kind kind, const void* address, std::size_t given, std::size_t recorded,
                std::string_view tag) noexcept {
        try {
            const std::lock_guard lock(misuse_mutex_);
            misuses_.push_back({kind, address, given, recorded, std::string(tag)});
        } catch (...) {
        }
    }

    void announce(const AllocationEvent& event) const noexcept {
        if (!observer_ || Observing::is_on(this)) return;
        const Observing observing(this);
        try {
            observer_(event);
        } catch (...) {
            // The allocation stands whatever its observer thinks of it, and a deallocation may
            // come from a destructor.
        }
    }

    [[nodiscard]] const BlockBook& book(const char* function) const {
        if (book_ == nullptr)
            throw std::logic_error(std::string("InstrumentedResource::") + function +
                                   " needs Mode::checked");
        return *book_;
    }

    std::pmr::memory_resource* upstream_;
    std::unique_ptr<BlockBook> book_;  // null unless in checked mode
    Observer observer_;
    mutable std::mutex misuse_mutex_;
    std::vector<Misuse> misuses_;
    Counters counters_;
};

}  // namespace cacheline
