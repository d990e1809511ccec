#pragma once

#include <filesystem>
#include <optional>

namespace cacheline::grader {

/// Held by one process or thread at a time; the kernel lets go of it even when its holder is
/// killed.
class FileLock {
public:
    /// Waits for it. Makes the file and its folder where they are missing. Throws UserError where
    /// the file can't be made.
    explicit FileLock(const std::filesystem::path& file);

    /// Nothing if another holds it.
    static std::optional<FileLock> attempt(const std::filesystem::path& file);

    ~FileLock();
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;

private:
    FileLock(const std::filesystem::path& file, bool wait);

    int descriptor_ = -1;  // -1: not held
};

}  // namespace cacheline::grader
