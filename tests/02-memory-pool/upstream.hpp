#pragma once

#include <atomic>
#include <cstddef>
#include <cstring>
#include <map>
#include <memory_resource>
#include <mutex>
#include <new>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "touchable.hpp"

namespace cacheline::support {

/// An upstream that keeps books on what a pool asks of it.
class CountingUpstream final : public std::pmr::memory_resource {
public:
    struct Request {
        std::size_t bytes;
        std::size_t alignment;
        bool operator==(const Request&) const = default;
        friend std::ostream& operator<<(std::ostream& out, const Request& request) {
            return out << request.bytes << " bytes aligned to " << request.alignment;
        }
    };

    /// Calls of allocate that gave memory.
    [[nodiscard]] std::size_t allocations() const { return allocations_; }
    [[nodiscard]] std::size_t deallocations() const { return deallocations_; }
    /// Allocations that have not come back.
    [[nodiscard]] std::size_t outstanding() const {
        const std::lock_guard lock(mutex_);
        return live_.size();
    }
    [[nodiscard]] Request last() const { return last_; }
    /// How many bytes of all that is out a program may touch; only ASan tells it from all of them.
    [[nodiscard]] std::size_t touchable() const {
        const std::lock_guard lock(mutex_);
        std::size_t bytes = 0;
        for (const auto& [begin, request] : live_)
            for (std::size_t i = 0; i < request.bytes; ++i)
                bytes += touchable_from(static_cast<const char*>(begin) + i, 1);
        return bytes;
    }
    /// Blocks that came back unknown, or with other bytes or alignment than they were asked for.
    [[nodiscard]] std::size_t faults() const { return faults_; }
    /// What went wrong up to a moment at which nothing should be out, or kFlawless: for a check, so
    /// that a failure says it in words.
    [[nodiscard]] std::string at_the_end() const {
        std::string text;
        if (const std::size_t out = outstanding(); out != 0)
            text = std::to_string(out) + " blocks never came back";
        if (const std::size_t faults = faults_; faults != 0)
            text += (text.empty() ? "" : ", ") + std::to_string(faults) +
                    " came back twice, unasked for, or with another size or alignment";
        return text.empty() ? kFlawless : text;
    }
    static constexpr const char* kFlawless = "every block came back once, as it was asked for";

    /// Calls that began while another thread was inside.
    [[nodiscard]] std::size_t overlaps() const { return overlaps_; }

    /// The n-th allocation from now on throws std::bad_alloc, and so do all behind it; 0: none
    /// does.
    void fail_at(std::size_t n) { fail_at_ = n; }

    /// Lets other threads run while one is inside, so that those who may not meet would.
    void linger(bool on) { linger_ = on; }

    static constexpr unsigned char kPattern = 0xa5;

private:
    // More than any test asks for in earnest; the sanitizers would end the process.
    static constexpr std::size_t kLimit = std::size_t{1} << 30;

    class Inside {
    public:
        explicit Inside(CountingUpstream& upstream) : upstream_(upstream) {
            if (upstream_.inside_.fetch_add(1) != 0) ++upstream_.overlaps_;
            if (upstream_.linger_) std::this_thread::yield();
        }
        ~Inside() { --upstream_.inside_; }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;

    private:
        CountingUpstream& upstream_;
    };

    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        const Inside inside(*this);
        if (fail_at_ != 0 && --fail_at_ == 0) {
            fail_at_ = 1;
            throw std::bad_alloc();
        }
        if (bytes > kLimit) throw std::bad_alloc();
        void* const block = std::pmr::new_delete_resource()->allocate(bytes, alignment);
        std::memset(block, kPattern, bytes);
        ++allocations_;
        const std::lock_guard lock(mutex_);
        last_ = {bytes, alignment};
        live_[block] = last_;
        return block;
    }

    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        const Inside inside(*this);
        Request asked{};
        {
            const std::lock_guard lock(mutex_);
            const auto found = live_.find(block);
            if (found == live_.end() || !(found->second == Request{bytes, alignment})) ++faults_;
            if (found == live_.end()) return;
            asked = found->second;
            live_.erase(found);
        }
        ++deallocations_;
        std::pmr::new_delete_resource()->deallocate(block, asked.bytes, asked.alignment);
    }

    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

    mutable std::mutex mutex_;
    std::map<void*, Request> live_;
    Request last_{};
    std::atomic<std::size_t> allocations_{0};
    std::atomic<std::size_t> deallocations_{0};
    std::atomic<std::size_t> faults_{0};
    std::atomic<std::size_t> overlaps_{0};
    std::atomic<std::size_t> fail_at_{0};
    std::atomic<int> inside_{0};
    std::atomic<bool> linger_{false};
};

}  // namespace cacheline::support
