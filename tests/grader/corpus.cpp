#include "corpus.hpp"

#include <algorithm>

#include "own_files.hpp"
#include "process.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

std::vector<fs::path> sorted_files(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder))
        files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

void lay_over(const fs::path& submission, const fs::path& target) {
    for (const fs::path& file : sorted_files(submission)) {
        if (file.extension() != ".patch") {
            fs::copy_file(file, target / file.filename(), fs::copy_options::overwrite_existing);
            continue;
        }
        const Outcome outcome =
            run({.arguments = {"/usr/bin/patch", "-p1", "--no-backup-if-mismatch", "--fuzz=0", "-i",
                               file.string()},
                 .environment = {"PATH=/usr/bin:/bin"},
                 .directory = target});
        if (!outcome.ok())
            throw UserError(file.string() + " does not apply to the reference:\n" + outcome.output);
    }
}

void assemble(const Exercise& exercise, const fs::path& submission, const fs::path& target) {
    fs::remove_all(target);
    fs::create_directories(target);
    // What is whole by itself wants nothing of the reference; what is not wants it with all of its
    // own files.
    const bool whole = std::ranges::all_of(
        exercise.edit, [&](const std::string& file) { return fs::exists(submission / file); });
    if (!whole)
        for (const std::string& file : written_files(exercise, exercise.solution))
            fs::copy_file(exercise.solution / file, target / file);
    lay_over(submission, target);
}

}  // namespace cacheline::grader
