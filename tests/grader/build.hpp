#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "grade.hpp"
#include "sandbox.hpp"

namespace cacheline::grader {

/// One submission's files for one exercise, laid out for the compiler: the files that the student
/// edits from the submission, the given ones from the exercise, whatever else lay about in neither.
class Stage {
public:
    /// Copies what has changed to `<work>/source`. `shown` is how a path to the submission is told
    /// to people. Files that are missing are listed in `missing()`.
    Stage(const Exercise& exercise, const std::filesystem::path& submission,
          const std::filesystem::path& work, std::string shown);

    /// Where a compiled source of this stage would be no different, the other's object serves. The
    /// other outlives this one.
    void borrow_from(const Stage& other) { lender_ = &other; }
    [[nodiscard]] const Stage* lender() const { return lender_; }

    [[nodiscard]] const Exercise& exercise() const { return *exercise_; }
    [[nodiscard]] const std::filesystem::path& work() const { return work_; }
    [[nodiscard]] std::filesystem::path source() const { return work_ / "source"; }
    [[nodiscard]] const std::vector<std::string>& missing() const { return missing_; }

    /// `text` with this machine's paths replaced by those that a student knows.
    [[nodiscard]] std::string readable(std::string text) const;

private:
    const Exercise* exercise_;
    std::filesystem::path work_;
    std::string shown_;
    std::vector<std::string> missing_;
    const Stage* lender_ = nullptr;
};

/// One program of a recipe, made step by step so that its parts can be compiled side by side.
class Program {
public:
    /// `name` is the recipe's: release, asan, tsan, bench or replay. The sandbox outlives the
    /// program.
    Program(const Stage& stage, std::string name, const Sandbox& sandbox,
            bool warnings_are_errors = false);

    [[nodiscard]] std::size_t source_count() const { return sources_.size(); }

    /// Compiles source `i` unless nothing that it was made of has changed. Returns nothing if it
    /// went well. Different sources may be compiled at once.
    std::string compile(std::size_t i) const;

    /// Links what was compiled; the same answer.
    std::string link() const;

    /// All of it, one after the other.
    std::string make() const;

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Stage& stage() const { return *stage_; }
    [[nodiscard]] const Sandbox& sandbox() const { return *sandbox_; }
    [[nodiscard]] std::filesystem::path folder() const { return stage_->work() / name_; }
    [[nodiscard]] std::filesystem::path executable() const {
        return folder() / stage_->exercise().name;
    }

private:
    [[nodiscard]] std::filesystem::path object(std::size_t i) const;
    [[nodiscard]] std::vector<std::string> compile_command(std::size_t i) const;
    [[nodiscard]] bool compiled(std::size_t i) const;
    [[nodiscard]] bool borrow(std::size_t i) const;
    [[nodiscard]] std::string run_compiler(const std::filesystem::path& output,
                                           const std::vector<std::string>& arguments,
                                           std::vector<std::filesystem::path> readable) const;

    const Stage* stage_;
    const Sandbox* sandbox_;
    std::string name_;
    bool warnings_are_errors_;
    const Recipe* recipe_;
    std::vector<std::filesystem::path> sources_;
};

}  // namespace cacheline::grader
