#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <shared_bytes.hpp>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>

namespace cacheline {

/// Bytes by name, for any number of threads. What `get_view` hands out is an owner like any other,
/// so no later change of the registry can pull the bytes away.
class ViewRegistry {
public:
    void create_view(std::string_view name, SharedBytes bytes) {
        const std::unique_lock lock(mutex_);
        // Without a name's string where the name is there already.
        if (const auto found = views_.find(name); found != views_.end())
            std::swap(found->second, bytes);
        else
            views_.emplace(name, std::move(bytes));
        // The old bytes die with the parameter, at the end of the call: behind the lock.
    }

    [[nodiscard]] std::optional<SharedBytes> get_view(std::string_view name) const {
        const std::shared_lock lock(mutex_);
        const auto found = views_.find(name);
        if (found == views_.end()) return std::nullopt;
        return found->second;
    }

    bool remove_view(std::string_view name) {
        Views::node_type removed;  // outlives the lock
        const std::unique_lock lock(mutex_);
        const auto found = views_.find(name);
        if (found == views_.end()) return false;
        removed = views_.extract(found);
        return true;
    }

    void clear() {
        Views removed;  // outlives the lock
        const std::unique_lock lock(mutex_);
        removed.swap(views_);
    }

    [[nodiscard]] std::size_t size() const {
        const std::shared_lock lock(mutex_);
        return views_.size();
    }

private:
    // std::less<> compares with a string_view, so that a look-up allocates no string.
    using Views = std::map<std::string, SharedBytes, std::less<>>;

    mutable std::shared_mutex mutex_;
    Views views_;
};

}  // namespace cacheline
