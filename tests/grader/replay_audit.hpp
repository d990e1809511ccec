#pragma once

#include "build.hpp"
#include "grade.hpp"
#include "grading.hpp"

namespace cacheline::grader {

/// Replays a secret script against the reference and against the submission, in two processes, and
/// takes the points of each step whose transcripts differ: no check in the submission's own process
/// can be trusted, but answers to questions that nobody knew beforehand have to be computed.
void audit(const Stage& stage, ExerciseGrade& grade, const GradingOptions& options);

}  // namespace cacheline::grader
