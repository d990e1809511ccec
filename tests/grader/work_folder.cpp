#include "work_folder.hpp"

#include <string>
#include <utility>

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

std::pair<fs::path, FileLock> first_free(const fs::path& base) {
    for (int number = 1;; ++number) {
        const fs::path folder = base / std::to_string(number);
        if (std::optional<FileLock> lock = FileLock::attempt(folder / ".lock"))
            return {folder, std::move(*lock)};
    }
}

}  // namespace

WorkFolder::WorkFolder(const fs::path& base) : WorkFolder(first_free(base)) {}

WorkFolder::WorkFolder(std::pair<fs::path, FileLock> taken)
    : path_(std::move(taken.first)), lock_(std::move(taken.second)) {}

}  // namespace cacheline::grader
