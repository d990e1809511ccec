#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

/// The hints of an exercise by step, from the headings and numbered lists of its hints.md.
std::map<std::string, std::vector<std::string>> read_hints(const Exercise& exercise);

/// Remembers how many hints of which step were shown, in one JSON file.
class HintMemory {
public:
    explicit HintMemory(std::filesystem::path file) : file_(std::move(file)) {}

    /// Counts one more, up to `total`, and returns its number, from 1.
    std::size_t next(const std::string& exercise, const std::string& step, std::size_t total) const;

    /// Begins again at the first hint of the step, or of every step if `step` is empty.
    void forget(const std::string& exercise, const std::string& step) const;

private:
    std::filesystem::path file_;
};

}  // namespace cacheline::grader
