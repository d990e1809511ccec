// accepted: a hash map under one plain mutex
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <shared_bytes.hpp>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cacheline {

class ViewRegistry {
public:
    ViewRegistry() = default;
    // One name after the other, each time as if somebody had removed it.
    ~ViewRegistry() {
        while (!views_.empty())
            remove_view(std::string(views_.begin()->first));
    }

    void create_view(std::string_view name, SharedBytes bytes) {
        SharedBytes old;
        std::lock_guard lock(mutex_);
        SharedBytes& place = views_[std::string(name)];
        old = std::move(place);
        place = std::move(bytes);
    }

    std::optional<SharedBytes> get_view(std::string_view name) const {
        std::lock_guard lock(mutex_);
        const auto found = views_.find(name);
        return found == views_.end() ? std::nullopt : std::optional(found->second);
    }

    bool remove_view(std::string_view name) {
        SharedBytes old;
        std::lock_guard lock(mutex_);
        const auto found = views_.find(name);
        if (found == views_.end()) return false;
        old = std::move(found->second);
        views_.erase(found);
        return true;
    }

    void clear() {
        Map old;
        {
            std::lock_guard lock(mutex_);
            std::swap(old, views_);
        }
    }

    std::size_t size() const {
        std::lock_guard lock(mutex_);
        return views_.size();
    }

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const {
            return std::hash<std::string_view>()(name);
        }
    };
    using Map = std::unordered_map<std::string, SharedBytes, Hash, std::equal_to<>>;

    mutable std::mutex mutex_;
    Map views_;
};

}  // namespace cacheline
