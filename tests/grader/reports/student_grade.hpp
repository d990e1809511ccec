#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "grade.hpp"

namespace cacheline::grader {

/// Something in a submission that no exercise needs.
struct Flag {
    bool attack = false;  ///< nothing but an attack does this
    std::string exercise;
    std::string file;
    long line = 0;  ///< from 1; 0 where there is none
    std::string what;

    bool operator==(const Flag&) const = default;
};

/// All that one student's submission came to; every report of it is made from this.
struct StudentGrade {
    std::string student;
    std::vector<ExerciseGrade> exercises;
    std::vector<Flag> flags;
    std::string error;       ///< why not all of it could be graded
    std::uint64_t seed = 0;  ///< of the replay and the random test cases
    std::string key;  ///< hash of all that the grade depends on: the same key, the same grade

    [[nodiscard]] int earned() const;  ///< hundredths of a point
    [[nodiscard]] int possible() const;
    [[nodiscard]] bool attacked() const;  ///< any flag is an attack
    /// What an error means for the whole: "Not graded", or "Graded in part".
    [[nodiscard]] std::string error_title() const;

    bool operator==(const StudentGrade&) const = default;
};

/// grade.json of a student: docs/grade.schema.json, with `student`, `seed` and `key`.
nlohmann::ordered_json to_json(const StudentGrade& grade);

/// The inverse of `to_json`. Throws UserError where something is missing, of another version, or
/// does not add up.
StudentGrade student_grade_from_json(const nlohmann::ordered_json& value);

}  // namespace cacheline::grader
