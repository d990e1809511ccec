#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace cacheline {

/// Charges what the calling thread allocates, while the object lives, to a name. Tags nest: the
/// innermost counts. Threads are independent of each other, and start without a tag.
class AllocationTag {
public:
    /// The name is copied; equal names are one tag.
    explicit AllocationTag(std::string_view name) : outer_(current_) { current_ = intern(name); }
    ~AllocationTag() { current_ = outer_; }
    AllocationTag(const AllocationTag&) = delete;
    AllocationTag& operator=(const AllocationTag&) = delete;

    /// The calling thread's innermost tag, "" if there is none. Valid while that tag is.
    [[nodiscard]] static std::string_view current() { return current_; }

private:
    // Names live for ever: a block may outlive every object that could own its tag's name.
    static std::string_view intern(std::string_view name) {
        static std::mutex mutex;
        static auto& names = *new std::set<std::string, std::less<>>;
        const std::lock_guard lock(mutex);
        const auto known = names.find(name);
        return *(known != names.end() ? known : names.emplace(name).first);
    }

    inline static constinit thread_local std::string_view current_;
    std::string_view outer_;
};

}  // namespace cacheline
