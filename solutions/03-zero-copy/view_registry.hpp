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

/// Bytes by name. All functions may be called by any number of threads at once.
///
/// A view that is out is an owner of its bytes: replacing or removing its name, `clear` and the end
/// of the registry leave it as it is.
///
/// The owner of adopted bytes may use the registry in its destructor, so the registry lets go of
/// bytes only after it has let go of its own lock. This holds at the registry's own end too: the
/// owners of the bytes that end with it find it in order, without their names, and what they
/// register then ends with it as well.
class ViewRegistry {
public:
    ViewRegistry() = default;
    ViewRegistry(const ViewRegistry&) = delete;
    ViewRegistry& operator=(const ViewRegistry&) = delete;

    // A map that is being destroyed cannot be asked. So the bytes end while the members are alive,
    // and so do those that their owners register when they end.
    ~ViewRegistry() {
        while (!views_.empty())
            clear();
    }

    /// Registers `bytes` under `name`, in place of those that had the name before. Copies no byte.
    /// Where memory runs out, the name has what it had.
    void create_view(std::string_view name, SharedBytes bytes) {
        const std::unique_lock lock(mutex_);
        // Without a name's string where the name is there already.
        if (const auto found = views_.find(name); found != views_.end())
            std::swap(found->second, bytes);
        else
            views_.emplace(name, std::move(bytes));
        // The old bytes die with the parameter, at the end of the call: behind the lock.
    }

    /// The bytes of that name, or nullopt. Allocates nothing.
    [[nodiscard]] std::optional<SharedBytes> get_view(std::string_view name) const {
        const std::shared_lock lock(mutex_);
        const auto found = views_.find(name);
        if (found == views_.end()) return std::nullopt;
        return found->second;
    }

    /// Forgets a name; false where there is none.
    bool remove_view(std::string_view name) {
        Views::node_type removed;  // outlives the lock
        const std::unique_lock lock(mutex_);
        const auto found = views_.find(name);
        if (found == views_.end()) return false;
        removed = views_.extract(found);
        return true;
    }

    /// Forgets all names.
    void clear() {
        Views removed;  // outlives the lock
        const std::unique_lock lock(mutex_);
        removed.swap(views_);
    }

    /// The number of names.
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
