#pragma once

#include <filesystem>
#include <utility>

#include "file_lock.hpp"

namespace cacheline::grader {

/// A folder to build in that nobody else builds in meanwhile. There are as many as there are
/// graders at work at once, numbered from 1; the first that is free is taken, so that one who
/// grades again finds what was compiled before.
class WorkFolder {
public:
    explicit WorkFolder(const std::filesystem::path& base);

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    explicit WorkFolder(std::pair<std::filesystem::path, FileLock> taken);

    std::filesystem::path path_;
    FileLock lock_;
};

}  // namespace cacheline::grader
