#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cacheline {

/// A regular file's bytes as memory (mmap): no byte is copied to this process. They stay for as
/// long as this object; give it to SharedBytes::adopt to have slices that keep it.
class MappedFile {
public:
    /// Maps the file for reading; an empty one has no bytes. No descriptor stays open.
    ///
    /// Throws std::system_error with the system's error code, and the path in its message: where
    /// there is no such file, where it may not be read, and for anything that is no regular file (a
    /// folder, a pipe, a socket, a device). It refuses those at once: a pipe that nobody writes to
    /// keeps nobody waiting.
    explicit MappedFile(const std::string& /*path*/) { todo("MappedFile"); }

    // Movable, not copyable; the other is empty afterwards. The destructor returns the memory. All
    // three are yours to write.

    [[nodiscard]] std::string_view text() const { todo("MappedFile::text"); }

    [[nodiscard]] std::span<const std::byte> bytes() const {
        return std::as_bytes(std::span(text()));
    }

    [[nodiscard]] const char* data() const { return text().data(); }
    [[nodiscard]] std::size_t size() const { return text().size(); }

private:
    // Yours.
};

}  // namespace cacheline
