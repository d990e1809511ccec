#include "batch_reports.hpp"

#include <cstdlib>
#include <ctime>
#include <ostream>

#include "files.hpp"
#include "reports/batch_page.hpp"
#include "reports/classroom50.hpp"
#include "reports/classroom_resources.hpp"
#include "reports/gradebook.hpp"
#include "reports/gradescope.hpp"
#include "reports/junit.hpp"
#include "reports/step_summary.hpp"
#include "reports/text.hpp"
#include "scorecard.hpp"
#include "state_file.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

std::string now() {
    const std::time_t time = std::time(nullptr);
    std::string text(32, '\0');
    text.resize(std::strftime(text.data(), text.size(), "%FT%TZ", std::gmtime(&time)));
    return text;
}

// When the commit that is graded was made, as GitHub tells a workflow that a push has started.
std::string commit_date() {
    const char* const file = std::getenv("GITHUB_EVENT_PATH");
    const nlohmann::json event = file == nullptr ? nlohmann::json::object() : read_state(file);
    const nlohmann::json commit = event.value("head_commit", nlohmann::json::object());
    const auto date = commit.is_object() ? commit.find("timestamp") : commit.end();
    return date != commit.end() && date->is_string() ? date->get<std::string>() : now();
}

}  // namespace

void write_student_reports(const StudentGrade& grade, const fs::path& folder) {
    fs::create_directories(folder);
    write_file(folder / "junit.xml", junit_report(grade));
    write_file(folder / "results.json", json_text(gradescope_results(grade)));
    // Only inside Classroom 50's runner is it known whose grade this is.
    if (std::getenv("ASSIGNMENT") && std::getenv("SUBMISSION_TAG"))
        write_file(folder / "classroom50.json",
                   json_text(classroom50_result(grade, classroom50_run(commit_date()))));
    write_file(folder / "classroom-resources.txt", classroom_resources_result(grade));
    write_file(folder / "summary.md", step_summary(grade));
    write_file(folder / "index.html", student_page(grade));
}

void write_batch_reports(const std::vector<StudentGrade>& grades, const fs::path& out,
                         std::ostream& summary) {
    for (const StudentGrade& grade : grades)
        write_student_reports(grade, out / "students" / grade.student);
    write_file(out / "gradebook.csv", gradebook(grades));
    write_file(out / "index.html", batch_page(grades));
    std::size_t errors = 0;
    for (const StudentGrade& grade : grades) {
        summary << points_text(grade.earned()) << " of " << points_text(grade.possible()) << "  "
                << grade.student;
        if (!grade.error.empty()) {
            ++errors;
            summary << "  error: " << printable(grade.error);
        }
        if (!grade.flags.empty()) summary << "  " << grade.flags.size() << " flags";
        summary << '\n';
    }
    summary << grades.size() << " students, " << errors
            << " with an error. Gradebook: " << (out / "gradebook.csv").string()
            << ", page: " << (out / "index.html").string() << '\n';
}

}  // namespace cacheline::grader
