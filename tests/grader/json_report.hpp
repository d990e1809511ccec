#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "grade.hpp"

namespace cacheline::grader {

/// The whole grade, version 1: points as numbers with at most two decimals, verdicts and paces by
/// their names.
nlohmann::ordered_json to_json(const std::vector<ExerciseGrade>& grades);

}  // namespace cacheline::grader
