#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace cacheline::grader {

/// Tells when one of a folder's files was saved, by whatever means editors have: written in place,
/// or written elsewhere and renamed over it.
class Saves {
public:
    /// Throws std::system_error where inotify is not to be had.
    /// `counts` says of a file's name whether it is one of them: files may yet be added.
    Saves(const std::filesystem::path& folder, std::function<bool(const std::string&)> counts);
    ~Saves();
    Saves(const Saves&) = delete;
    Saves& operator=(const Saves&) = delete;

    /// Readable when something happened in the folder.
    [[nodiscard]] int descriptor() const { return descriptor_; }

    /// Takes what has happened so far; true if one of the files was saved.
    [[nodiscard]] bool take() const;

private:
    std::function<bool(const std::string&)> counts_;
    int descriptor_;
};

}  // namespace cacheline::grader
