#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cacheline::grader {

/// Something the person at the keyboard can mend; the message says what, where and how.
class UserError : public std::runtime_error {
public:
    using runtime_error::runtime_error;
};

struct Step {
    std::string id;
    std::string title;
    int points = 0;
    int minutes = 0;        ///< that it takes somebody new to the topic
    std::string benchmark;  ///< empty: test cases decide
    double ratio = 0;       ///< share of the reference's speed that earns the points

    bool operator==(const Step&) const = default;
};

struct TestCase {
    std::string name;
    std::string step;
    std::filesystem::path source;
    std::vector<std::string> builds;  ///< release first
};

/// How to compile and link one program for any implementation folder.
struct Recipe {
    std::vector<std::filesystem::path> sources;
    std::vector<std::string> precompiled;  ///< flags, for `sources` only
    std::vector<std::string> options;
    std::vector<std::string> definitions;
    std::vector<std::filesystem::path> includes;
    std::vector<std::filesystem::path> readable;  ///< what the compiler may see besides the sources
    std::vector<std::string> objects;
    std::vector<std::string> link;
};

struct Exercise {
    std::string name;   ///< "06-ring-buffer"
    std::string title;  ///< "Lock-free ring buffer"
    std::filesystem::path folder;
    std::filesystem::path solution;
    std::filesystem::path corpus;  ///< accepted and rejected submissions
    std::string fault;             ///< of its manifest; then name and title are all there is
    std::string compiler;
    std::vector<std::string> edit;   ///< the files that the student writes
    std::vector<std::string> given;  ///< those beside them that are written already
    std::vector<std::string> builds;
    std::vector<std::string> allow;  ///< what an inspection's flag may say here without being one
    std::vector<Step> steps;
    std::vector<TestCase> tests;
    std::map<std::string, Recipe> recipes;  ///< by build, and "bench"

    /// "ring-buffer": the name without its number.
    [[nodiscard]] std::string_view slug() const;
};

/// The exercise with some of its steps alone, and only the sources that they need.
Exercise narrowed(const Exercise& exercise, const std::vector<std::string>& steps);

/// Reads all of `<folder>/*.json`, which CMake's configure step has written and checked, in the
/// order of the exercises' names. Throws UserError where there is none.
std::vector<Exercise> load_catalog(const std::filesystem::path& folder);

/// The exercise that `wanted` names: its name, slug, number or a prefix of either. Throws UserError
/// with the nearest name where there is none or more than one; `commands` could have been meant
/// too.
const Exercise& find_exercise(const std::vector<Exercise>& catalog, std::string_view wanted,
                              const std::vector<std::string>& commands = {});

}  // namespace cacheline::grader
