#pragma once

#include <allocation_report.hpp>
#include <cacheline/todo.hpp>
#include <cstddef>
#include <memory_resource>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

// Yours to write, in the order of the steps. The types of allocation_report.hpp are given. Private
// members and helpers are up to you, and so is the class Counters: the suite sees only what the
// other classes and global_stats() tell.

namespace cacheline {

// ------------------------------------------------------------------------------------------ count

/// The class of a size in bytes: 0 for 0, else k for sizes from 2^(k-1) to 2^k - 1.
[[nodiscard]] inline std::size_t size_class(std::size_t bytes) {
    static_cast<void>(bytes);
    todo("size_class");
}

/// The counts of one resource, or of the global operators. Any thread may call any function, at any
/// time, before main and after it too: constant-initialised, never destroyed.
///
/// In the step `threads` an increment is to be so cheap that nobody switches it off: a pair of
/// `allocated` and `deallocated` of small blocks writes to no cache line that another running
/// thread writes to, but for one pair in ten or fewer, in which something may be published. That
/// goes for up to 256 running threads that count, until their thread_local objects are destroyed;
/// with more, and after that, a pair may be slower.
class Counters {
public:
    /// After an allocation of `size` bytes.
    void allocated(std::size_t size) {
        static_cast<void>(size);
        todo("Counters::allocated");
    }

    /// Before a block of `size` bytes goes back.
    void deallocated(std::size_t size) {
        static_cast<void>(size);
        todo("Counters::deallocated");
    }

    /// After an allocation that ended with an exception. Changes nothing but `failed`.
    void failed() { todo("Counters::failed"); }

    /// The sums over all threads, also over those that have ended. While none is at work they are
    /// exact. While some are, a snapshot lies somewhere between before and after, and still:
    ///
    /// - no total, no class of the histogram and no peak is less than in an earlier snapshot of the
    ///   same thread;
    /// - no more was given back than taken, in blocks and in bytes, so that what is live is never
    ///   below zero, whatever happens between any two instructions of this function;
    /// - the peak is no less than what is live.
    ///
    /// The peak is exact as long as one thread allocates and gives back, whether others look
    /// meanwhile or nobody does, and in static destructors too. With T threads it is right within
    /// T * kPeakSlack, either way; a thread that has ended counts no longer.
    [[nodiscard]] AllocationStats stats() const { todo("Counters::stats"); }
};

/// Passes requests on to another resource and counts them. All functions but set_observer may be
/// called by any number of threads at once. Blocks that are live when it is destroyed stay with the
/// upstream.
class InstrumentedResource final : public std::pmr::memory_resource {
public:
    /// Throws std::invalid_argument for a null upstream.
    explicit InstrumentedResource(std::pmr::memory_resource* upstream, Mode mode = Mode::counting)
        : upstream_(upstream), mode_(mode) {
        if (upstream == nullptr)
            throw std::invalid_argument("InstrumentedResource: the upstream is null");
    }

    /// The counts: see Counters::stats.
    [[nodiscard]] AllocationStats stats() const { return counters_.stats(); }

    /// Step observe. Calls `observer` on each event from now on, or nothing if it is empty. To be
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
    void set_observer(Observer observer) {
        static_cast<void>(observer);
        todo("InstrumentedResource::set_observer");
    }

    /// Step leaks. The live blocks by tag and size, in LeakReport's order. Throws std::logic_error
    /// unless in checked mode.
    [[nodiscard]] LeakReport leaks() const { todo("InstrumentedResource::leaks"); }

    /// The totals of each tag that was charged, by name. A block is given back from the tag that it
    /// was allocated under. Throws std::logic_error unless in checked mode.
    [[nodiscard]] std::vector<TagStats> tags() const { todo("InstrumentedResource::tags"); }

    /// The misuses of deallocate so far, in order. A block that comes back with another size or
    /// alignment is counted, announced and given to the upstream with its own; if both are wrong,
    /// that is two misuses, the size first. A block that is not live is neither counted nor
    /// announced and goes no further. Throws std::logic_error unless in checked mode.
    [[nodiscard]] std::vector<Misuse> misuses() const { todo("InstrumentedResource::misuses"); }

private:
    /// Size and alignment go to the upstream as they are. What it throws, of whatever type, goes to
    /// the caller; it is counted as failed, announced, and changes nothing else.
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        static_cast<void>(upstream_);
        static_cast<void>(size);
        static_cast<void>(alignment);
        todo("InstrumentedResource::do_allocate");
    }

    /// Never throws: it is called by destructors. (In counting mode the size is believed. Null
    /// never comes here: memory_resource::deallocate must not be given it.)
    void do_deallocate(void* block, std::size_t size, std::size_t alignment) override {
        static_cast<void>(mode_);
        static_cast<void>(block);
        static_cast<void>(size);
        static_cast<void>(alignment);
        todo("InstrumentedResource::do_deallocate");
    }

    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;  // another's block would spoil both books
    }

    std::pmr::memory_resource* upstream_;
    Mode mode_;
    Counters counters_;
};

/// An allocator for standard containers over an InstrumentedResource. Unlike pmr's, it goes along
/// when a container is copied, moved or swapped: the copy counts on the same resource. Allocators
/// of one resource are equal, whatever their types.
template <typename T>
class InstrumentedAllocator {
public:
    using value_type = T;
    using propagate_on_container_copy_assignment = std::true_type;
    using propagate_on_container_move_assignment = std::true_type;
    using propagate_on_container_swap = std::true_type;

    /// Throws std::invalid_argument for a null resource.
    explicit InstrumentedAllocator(InstrumentedResource* resource) : resource_(resource) {
        if (resource == nullptr)
            throw std::invalid_argument("InstrumentedAllocator: the resource is null");
    }

    template <typename U>
    InstrumentedAllocator(const InstrumentedAllocator<U>& other) noexcept
        : resource_(other.resource()) {}

    /// Memory for n objects. Throws std::bad_array_new_length when their bytes are no std::size_t;
    /// nothing is asked of the resource then.
    [[nodiscard]] T* allocate(std::size_t n) {
        static_cast<void>(n);
        todo("InstrumentedAllocator::allocate");
    }

    /// Null is nothing, as for free and delete.
    void deallocate(T* block, std::size_t n) {
        static_cast<void>(block);
        static_cast<void>(n);
        todo("InstrumentedAllocator::deallocate");
    }

    [[nodiscard]] InstrumentedResource* resource() const noexcept { return resource_; }

    template <typename U>
    friend bool operator==(const InstrumentedAllocator& a,
                           const InstrumentedAllocator<U>& b) noexcept {
        return a.resource() == b.resource();
    }

private:
    InstrumentedResource* resource_;
};

// ------------------------------------------------------------------------------------------ leaks

/// Charges what the calling thread allocates, while the object lives, to a name. Tags nest: the
/// innermost counts. Threads are independent of each other, and start without a tag.
class AllocationTag {
public:
    /// The name is copied; equal names are one tag.
    explicit AllocationTag(std::string_view name) {
        static_cast<void>(name);
        todo("AllocationTag::AllocationTag");
    }
    ~AllocationTag() = default;  // here the tag around this one comes back into force
    AllocationTag(const AllocationTag&) = delete;
    AllocationTag& operator=(const AllocationTag&) = delete;

    /// The calling thread's innermost tag, "" if there is none. Valid while that tag is.
    [[nodiscard]] static std::string_view current() { todo("AllocationTag::current"); }
};

/// Measures what happens to a resource, by all threads and in either mode, from the object's
/// construction on. Scopes nest and overlap freely: an outer one includes what an inner one sees.
class AllocationScope {
public:
    explicit AllocationScope(const InstrumentedResource& resource) {
        static_cast<void>(resource);
        todo("AllocationScope::AllocationScope");
    }

    /// What has happened since the construction.
    [[nodiscard]] AllocationDelta so_far() const { todo("AllocationScope::so_far"); }
};

// ----------------------------------------------------------------------------------------- global

/// The counts of the global operators new and delete, of the whole process, with the promises of
/// Counters::stats. Defined in global_new.cpp, which replaces the operators in each program that it
/// is linked into.
[[nodiscard]] AllocationStats global_stats();

}  // namespace cacheline
