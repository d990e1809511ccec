#include "file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "catalog.hpp"

namespace cacheline::grader {

FileLock::FileLock(const std::filesystem::path& file) : FileLock(file, true) {}

std::optional<FileLock> FileLock::attempt(const std::filesystem::path& file) {
    FileLock lock(file, false);
    if (lock.descriptor_ < 0) return std::nullopt;
    return lock;
}

FileLock::FileLock(const std::filesystem::path& file, bool wait) {
    std::error_code unwritable;
    std::filesystem::create_directories(file.parent_path(), unwritable);
    descriptor_ = open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
    if (descriptor_ < 0) throw UserError("Can't write to " + file.parent_path().string() + ".");
    int refused = 0;
    do
        refused = flock(descriptor_, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (refused != 0 && errno == EINTR);
    if (refused != 0) close(std::exchange(descriptor_, -1));
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
    if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace cacheline::grader
