#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace cacheline::attacks {

/// One folder of tests/attacks, as the first lines of its main file tell of it. That is the file of
/// a small sample exercise, which most are tried on. Where the submission can't lie in a source
/// tree (a pipe, a link, a bomb), it is `make.sh FOLDER`, which makes it. Where it matters what a
/// real suite checks, it is `attack.patch`, for that exercise's reference.
///
///     // attack: ends the process with status 0 in the function under test
///     // stopped by: the report has no end
///     // only made harder: …              or  // soundly
///     // ends as: failed
///     // earns: 30                        (what the code earns honestly; 0 unless it says so)
///     // builds: all                      (only the release build unless it says so)
///     // speed: measured                  (left out unless it says so)
///
/// And in an attack.patch:
///
///     // exercise: ring-buffer
///     // steps: progress, speed           (those that are graded; each must earn what it says)
///     // from: rejected/mutex             (the submission of the corpora that it changes; the
///                                          reference unless it says so)
///     // graded: every time               (by each run of the tests; only the thorough ones
///                                          unless it says so)
struct Attack {
    std::string name;  ///< the folder's
    std::filesystem::path folder;
    std::string exercise = "sample";  ///< whose files it hands in
    std::vector<std::string> steps;   ///< of a real exercise
    std::string from;                 ///< "rejected/mutex": what is patched, if not the reference
    std::string tries;
    std::string stopped_by;
    /// How one could still get around it; empty if what stops it holds whatever the code does. Then
    /// it is graded with the inspection silent, which holds back only those who do not look for a
    /// way around.
    std::string way_around;
    std::set<std::string> ends_as;  ///< verdicts that cases without points may have
    int earns = 0;                  ///< points
    bool all_builds = false;
    bool speed = false;

    [[nodiscard]] bool soundly() const { return way_around.empty(); }
    [[nodiscard]] bool made() const { return std::filesystem::exists(folder / "make.sh"); }
    [[nodiscard]] bool on_a_real_exercise() const { return exercise != "sample"; }
};

/// Throws std::runtime_error with what is missing.
Attack read_attack(const std::filesystem::path& folder);

/// All attacks below `folder`, by name.
std::vector<Attack> read_attacks(const std::filesystem::path& folder);

/// The table of docs/attacks.md.
std::string table(const std::vector<Attack>& attacks);

}  // namespace cacheline::attacks
