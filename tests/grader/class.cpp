// workbook-class: a class that hands in the corpora.
//
//   lay-out CATALOG FOLDER COUNT [own]
//
// Student i has, of each exercise, the i-th of its accepted and rejected submissions, from the
// first again behind the last. With `own`, every file ends with its student's name in a comment, so
// that no two students have a file in common. What grading a class costs is measured with it.
//
//   check CATALOG FOLDER
//
// Grades two students who hand in nothing but accepted submissions as an instructor does, inside
// the sandbox: all points, no flag.

#include <fstream>
#include <iostream>
#include <random>

#include "batch.hpp"
#include "corpus.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;

namespace {

// Which submission of the exercise a student hands in.
using Choice = std::function<fs::path(const Exercise&)>;

void hand_in(const std::vector<Exercise>& catalog, const fs::path& folder, const Choice& choice) {
    for (const Exercise& exercise : catalog)
        assemble(exercise, choice(exercise), folder / exercise.name);
}

std::string student_name(std::size_t number) {
    const std::string digits = std::to_string(number);
    return "student-" + std::string(3 - std::min<std::size_t>(digits.size(), 3), '0') + digits;
}

void sign(const fs::path& folder, const std::string& name) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ofstream out(entry.path(), std::ios::app);
        out << "// " << name << '\n';
    }
}

void lay_out(const std::vector<Exercise>& catalog, const fs::path& folder, std::size_t count,
             bool own) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name = student_name(i + 1);
        hand_in(catalog, folder / name, [i](const Exercise& exercise) {
            std::vector<fs::path> all = sorted_files(exercise.corpus / "accepted");
            std::ranges::copy(sorted_files(exercise.corpus / "rejected"), std::back_inserter(all));
            return all[i % all.size()];
        });
        if (own) sign(folder / name, name);
    }
}

// What is wrong with the grade of a right submission, or nothing.
std::string complaint(const StudentGrade& grade) {
    std::string text = grade.error;
    for (const Flag& flag : grade.flags)
        text += "\n  flag: " + flag.exercise + ", " + flag.file + ": " + flag.what;
    for (const ExerciseGrade& exercise : grade.exercises)
        for (const StepGrade& step : exercise.steps) {
            if (!step.audit.empty()) text += "\n  " + exercise.name + ": " + step.audit;
            for (const CaseGrade& one : step.cases)
                if (const std::string loss = one.loss(); !loss.empty())
                    text += "\n  " + exercise.name + ": " + loss;
        }
    return text;
}

bool check(const std::vector<Exercise>& catalog, const fs::path& folder) {
    constexpr std::size_t kStudents = 2;
    fs::remove_all(folder);
    for (std::size_t i = 0; i < kStudents; ++i)
        hand_in(catalog, folder / "class" / student_name(i + 1), [i](const Exercise& exercise) {
            const std::vector<fs::path> all = sorted_files(exercise.corpus / "accepted");
            return all[(2 * i + 1) * all.size() / (2 * kStudents)];
        });
    const fs::path grader = fs::read_symlink("/proc/self/exe").parent_path() / "workbook-grade";
    const Sandbox sandbox = Sandbox::confining(grader, catalog.front().solution);
    const BatchOptions options{.submissions = folder / "class",
                               .out = folder / "grades",
                               .work = folder / "work",
                               .sandbox = &sandbox,
                               .speed = false,
                               .seed = std::random_device()()};
    bool right = true;
    for (const StudentGrade& grade : grade_batch(catalog, options)) {
        const std::string text = complaint(grade);
        const bool full = text.empty() && grade.earned() == grade.possible();
        std::cout << grade.student << ": " << (full ? "all points" : "WRONG: " + text) << '\n';
        right = right && full;
    }
    fs::remove_all(folder);
    return right;
}

}  // namespace

int main(int argc, char* argv[]) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    const std::string command = arguments.empty() ? "" : arguments[0];
    const bool own = arguments.size() == 5 && arguments[4] == "own";
    try {
        if (command == "lay-out" && (arguments.size() == 4 || own)) {
            lay_out(load_catalog(arguments[1]), arguments[2], std::stoul(arguments[3]), own);
            return 0;
        }
        if (command == "check" && arguments.size() == 3)
            return check(load_catalog(arguments[1]), arguments[2]) ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
    std::cerr << "usage: workbook-class lay-out CATALOG FOLDER COUNT [own]\n"
                 "       workbook-class check CATALOG FOLDER\n";
    return 2;
}
