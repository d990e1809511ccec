// Yours to write. What each function promises stands in layout_optimizer.hpp.

#include "layout_optimizer.hpp"

#include <cacheline/todo.hpp>

namespace cacheline {

Layout place(const Record& /*record*/, const Target& /*target*/) {
    todo("place");
}

Record reorder(const Record& /*record*/, const Target& /*target*/) {
    todo("reorder");
}

Record separate(const Record& /*record*/, const Target& /*target*/) {
    todo("separate");
}

std::vector<Finding> review(const Record& /*record*/, const Target& /*target*/) {
    todo("review");
}

void LayoutReport::add(const Record& /*record*/) {
    todo("LayoutReport::add");
}

void LayoutReport::add(std::span<const Record> /*records*/) {
    todo("LayoutReport::add");
}

std::string LayoutReport::markdown() const {
    todo("LayoutReport::markdown");
}

std::string LayoutReport::json() const {
    todo("LayoutReport::json");
}

void LayoutReport::save(const std::filesystem::path& /*path*/) const {
    todo("LayoutReport::save");
}

}  // namespace cacheline
