#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "student_grade.hpp"

namespace cacheline::grader {

/// Who and what is graded, as Classroom 50's runner hands it to an autograder in the environment.
struct Classroom50Run {
    std::string classroom;        ///< CLASSROOM
    std::string assignment;       ///< ASSIGNMENT
    std::string assignment_type;  ///< ASSIGNMENT_TYPE: individual, group or team
    std::string owner;            ///< OWNER, or USERNAME: whom the score belongs to
    std::string submission;       ///< SUBMISSION_TAG: "submit/…"
    std::string commit;           ///< COMMIT_URL
    std::string release;          ///< RELEASE_URL
    std::string review;           ///< REVIEW_URL, or the commit's
    std::string datetime;         ///< when the commit was made: "2026-06-01T14:32:01Z"
};

/// Reads the environment; `datetime` is the caller's to know. Throws UserError that names what is
/// missing.
Classroom50Run classroom50_run(const std::string& datetime);

/// Classroom 50's result.json, schema `classroom50/result/v1`
/// (https://github.com/foundation50/classroom50, schemas/result-v1.schema.json, and the wiki's page
/// "Advanced Autograding"): a test for each step. Its scores are integers, so they are hundredths
/// of a point here: 6667 of 10000. A grade that is an error has a failed test that says so, because
/// a result without tests counts as passed there.
nlohmann::ordered_json classroom50_result(const StudentGrade& grade, const Classroom50Run& run);

}  // namespace cacheline::grader
