#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "depot.hpp"
#include "thread_cache.hpp"

namespace cacheline::pool_detail {

/// A number for each resource. It is never used twice, so a new resource at the address of a dead
/// one is not taken for it.
[[nodiscard]] inline std::uint64_t next_resource_id() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return 1 + last.fetch_add(1, std::memory_order_relaxed);
}

/// The resource that a thread used last, by number, and its cache there.
struct Recent {
    std::uint64_t id = 0;
    ThreadCache* cache = nullptr;
};
inline constinit thread_local Recent recent{};

/// Has no destructor, so it can be asked to the very end of the thread.
inline constinit thread_local bool thread_is_ending = false;

/// All resources that a thread has a cache in. Its destructor is the thread's end.
class Attachments {
public:
    Attachments() = default;
    Attachments(const Attachments&) = delete;
    Attachments& operator=(const Attachments&) = delete;

    ~Attachments() {
        // Destructors of other thread_local objects may still come here; they go without a cache.
        thread_is_ending = true;
        recent = {};
        for (const Attachment& attachment : list_)
            if (const auto depot = attachment.depot.lock()) depot->retire(*attachment.cache);
    }

    [[nodiscard]] ThreadCache* find_or_adopt(std::uint64_t id,
                                             const std::shared_ptr<Depot>& depot) {
        for (const Attachment& attachment : list_)
            if (attachment.id == id) return attachment.cache;
        std::erase_if(list_, [](const Attachment& a) { return a.depot.expired(); });
        // Before the cache is adopted, which could not be undone. To reserve one more each time
        // would copy the list each time.
        if (list_.size() == list_.capacity()) list_.reserve(2 * list_.size() + 1);
        list_.push_back({id, depot->adopt(), depot});
        return list_.back().cache;
    }

private:
    struct Attachment {
        std::uint64_t id;
        ThreadCache* cache;
        std::weak_ptr<Depot> depot;
    };
    std::vector<Attachment> list_;
};
inline thread_local Attachments attachments;

}  // namespace cacheline::pool_detail
