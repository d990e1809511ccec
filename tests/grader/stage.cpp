#include "stage.hpp"

#include <algorithm>

#include "files.hpp"
#include "own_files.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

Stage::Stage(const Exercise& exercise, const fs::path& submission, const fs::path& work,
             std::string shown)
    : exercise_(&exercise), work_(fs::absolute(work)), shown_(std::move(shown)) {
    fs::create_directories(source());
    for (const std::string& file : written_files(exercise, submission)) {
        if (!fs::is_regular_file(submission / file)) {
            faults_.push_back(shown_ + " has no " + file + ".");
            continue;
        }
        if (is_own_file(exercise, file))
            if (const std::string fault = fault_of_own_file(file); !fault.empty())
                faults_.push_back(shown_ + ": " + fault);
        write_if_changed(source() / file, read_file(submission / file));
        written_.push_back(file);
    }
    for (const std::string& file : exercise.given)
        write_if_changed(source() / file, read_file(exercise.folder / file));
    for (const auto& old : fs::directory_iterator(source())) {
        const std::string name = old.path().filename().string();
        if (std::ranges::count(written_, name) == 0 &&
            std::ranges::count(exercise.given, name) == 0)
            fs::remove_all(old.path());
    }
}

std::string Stage::readable(std::string text) const {
    replace_all(text, source().string(), shown_);
    if (lender_ != nullptr) replace_all(text, lender_->source().string(), shown_);
    const fs::path root = exercise_->folder.parent_path().parent_path();
    replace_all(text, root.string() + "/", "");
    return text;
}

}  // namespace cacheline::grader
