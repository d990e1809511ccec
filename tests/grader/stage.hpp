#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "catalog.hpp"

namespace cacheline::grader {

/// One submission's files for one exercise, laid out for the compiler: those that the student wrote
/// from the submission, the given ones from the exercise, whatever else lay about in neither.
class Stage {
public:
    /// Copies what has changed to `<work>/source`, and removes what is there no more. `shown` is
    /// how a path to the submission is told to people.
    Stage(const Exercise& exercise, const std::filesystem::path& submission,
          const std::filesystem::path& work, std::string shown);

    /// Where a compiled source of this stage would be no different, the other's object serves. The
    /// other outlives this one.
    void borrow_from(const Stage& other) { lender_ = &other; }
    [[nodiscard]] const Stage* lender() const { return lender_; }

    [[nodiscard]] const Exercise& exercise() const { return *exercise_; }
    [[nodiscard]] const std::filesystem::path& work() const { return work_; }
    [[nodiscard]] std::filesystem::path source() const { return work_ / "source"; }

    /// Held by whoever makes programs of a stage that others borrow from, and by those who borrow.
    [[nodiscard]] std::filesystem::path lock() const { return work_.string() + ".lock"; }

    /// The submission's own part of it: the files that the manifest names, and further ones.
    [[nodiscard]] const std::vector<std::string>& written() const { return written_; }

    /// Why nothing can be built, a sentence each: files that are missing or badly named.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

    /// `text` with this machine's paths replaced by those that a student knows.
    [[nodiscard]] std::string readable(std::string text) const;

private:
    const Exercise* exercise_;
    std::filesystem::path work_;
    std::string shown_;
    std::vector<std::string> written_;
    std::vector<std::string> faults_;
    const Stage* lender_ = nullptr;
};

}  // namespace cacheline::grader
