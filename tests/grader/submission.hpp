#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "catalog.hpp"
#include "reports/student_grade.hpp"
#include "sandbox.hpp"

namespace cacheline::grader {

/// What one student handed in: a folder, a .zip or a .tar.gz, in the workbook's layout
/// (06-ring-buffer/ring_buffer.hpp, with any folders above) or flat. Nothing of it is trusted:
/// links, devices and pipes are passed over, archives are read inside the sandbox and never
/// unpacked.
class Submission {
public:
    /// Lists what there is. A file that can't be read as what its name says leaves `error()`.
    Submission(std::filesystem::path path, const Sandbox& sandbox);

    /// The folder's or archive's name without its ending.
    static std::string student_name(const std::filesystem::path& path);
    [[nodiscard]] const std::string& error() const { return error_; }
    /// What was passed over, and names that try to leave the archive.
    [[nodiscard]] const std::vector<Flag>& flags() const { return flags_; }

    /// Of the paths that lead out of the archive the first that names the exercise: then its files
    /// are not to be trusted, and those of other exercises are. Nothing if there is none.
    [[nodiscard]] const Flag* leading_out(const Exercise& exercise) const;

    /// Writes the exercise's files that were found to `folder`, which is emptied first: those that
    /// the manifest names, and those that the student has added beside them. Returns what to say of
    /// files that were there but can't be taken. `catalog` tells the files of other exercises,
    /// which a hand-in without folders mixes with these.
    std::vector<std::string> lay_out(const Exercise& exercise, const std::filesystem::path& folder,
                                     const std::vector<Exercise>& catalog) const;

    /// Source files longer than this are refused; a person writes a tenth of it.
    static constexpr std::size_t kLongest = kKeptOutput - 1;

    /// More files than this of a student's own are refused.
    static constexpr std::size_t kMostOwn = 64;

private:
    void list_folder();
    void list_archive();
    [[nodiscard]] std::vector<std::string> candidates(const Exercise& exercise,
                                                      const std::string& file) const;
    /// Files that the student has added beside the exercise's, which lie in the folders `homes`.
    [[nodiscard]] std::vector<std::string> added(const Exercise& exercise,
                                                 const std::vector<std::filesystem::path>& homes,
                                                 const std::vector<Exercise>& catalog,
                                                 std::vector<std::string>& refused) const;
    /// Copies a member to `folder`, or says why it can't be taken.
    void take(const std::string& member, const std::filesystem::path& folder,
              std::vector<std::string>& refused) const;
    /// What was passed over where the exercise's file should be, if anything.
    [[nodiscard]] const Flag* in_place_of(const std::string& file, const Exercise& exercise) const;
    /// Nothing if it can't be read.
    [[nodiscard]] std::optional<std::string> read(const std::string& member) const;

    std::filesystem::path path_;
    const Sandbox* sandbox_;
    bool archive_;
    std::string error_;
    std::vector<Flag> flags_;
    std::vector<std::string> members_;  // relative paths of regular files
};

/// The submissions in a folder, by student; what is neither folder nor archive is left out.
std::vector<std::filesystem::path> list_submissions(const std::filesystem::path& folder);

}  // namespace cacheline::grader
