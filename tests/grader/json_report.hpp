#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "grade.hpp"

namespace cacheline::grader {

/// The whole grade, version 1 (docs/grade.schema.json): points as numbers with at most two
/// decimals, verdicts and paces by their names. Nothing of the grade is left out.
nlohmann::ordered_json to_json(const std::vector<ExerciseGrade>& grades);

/// The inverse. Throws UserError where something is missing or does not add up, so that a file that
/// was cut off or edited never becomes a grade.
ExerciseGrade exercise_grade_from_json(const nlohmann::ordered_json& value);

/// 1333 hundredths are 13.33.
constexpr double points(int hundredths) {
    return hundredths / 100.0;
}

}  // namespace cacheline::grader
