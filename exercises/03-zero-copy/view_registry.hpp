#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <optional>
#include <shared_bytes.hpp>
#include <string_view>

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
    /// Registers `bytes` under `name`, in place of those that had the name before. Copies no byte.
    /// Where memory runs out, the name has what it had.
    void create_view(std::string_view /*name*/, SharedBytes /*bytes*/) {
        todo("ViewRegistry::create_view");
    }

    /// The bytes of that name, or nullopt. Allocates nothing.
    [[nodiscard]] std::optional<SharedBytes> get_view(std::string_view /*name*/) const {
        todo("ViewRegistry::get_view");
    }

    /// Forgets a name; false where there is none.
    bool remove_view(std::string_view /*name*/) { todo("ViewRegistry::remove_view"); }

    /// Forgets all names.
    void clear() { todo("ViewRegistry::clear"); }

    /// The number of names.
    [[nodiscard]] std::size_t size() const { todo("ViewRegistry::size"); }

private:
    // Yours.
};

}  // namespace cacheline
