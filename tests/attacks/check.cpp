// workbook-attacks grade OUT ATTACKS CATALOG…: grades all attacks as one course, honest students
//   among them, by the real sandbox
//
// workbook-attacks verdict OUT ATTACK: did it end as it says, and without a point too many?
//
// workbook-attacks real OUT ATTACK CATALOG: the same of an attack on a real exercise, which it
// grades
//
// workbook-attacks honest OUT: did those who handed in the reference get all their points?
//
// workbook-attacks innocent CATALOG: is no reference and no accepted submission taken for an
// attack?
//
// workbook-attacks table ATTACKS PAGE [--write]: is the page's table that of the attacks?

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <thread>

#include "attack.hpp"
#include "batch.hpp"
#include "batch_reports.hpp"
#include "build.hpp"
#include "corpus.hpp"
#include "files.hpp"
#include "inspection.hpp"
#include "process.hpp"
#include "state_file.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using namespace cacheline::attacks;

namespace {

// The walls are those of every grading, but time is dear: here a test case has 2 s rather than 20,
// and a compiler 8 s rather than 120.
constexpr std::chrono::seconds kCaseLimit(2);
constexpr std::chrono::seconds kAnyLimit(8);
// An honest student for so many attacks.
constexpr std::size_t kAttacksToOneHonest = 16;
constexpr const char* kHonest = "honest";

// Attacks that are graded in one batch.
struct Group {
    std::string exercise;
    bool soundly;
    bool all_builds;
    bool speed;

    auto operator<=>(const Group&) const = default;

    [[nodiscard]] std::string name() const {
        return exercise + (soundly ? "-soundly" : "-harder") + (all_builds ? "-all" : "") +
               (speed ? "-speed" : "");
    }
};

Group group_of(const Attack& attack) {
    return {attack.exercise, attack.soundly(), attack.all_builds, attack.speed};
}

void hand_in(const Attack& attack, const fs::path& submissions) {
    const fs::path folder = submissions / attack.name;
    if (!attack.made()) {
        fs::copy(attack.folder, folder, fs::copy_options::recursive);
        return;
    }
    const Outcome made =
        run({.arguments = {"/bin/sh", "-eu", (attack.folder / "make.sh").string(), attack.name},
             .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"},
             .directory = submissions});
    if (!made.ok()) throw UserError(attack.name + " can't be made: " + made.output);
}

// What its author meant for the release build alone needs no other.
Exercise exercise_for(const Exercise& exercise, const Group& group) {
    Exercise narrow = exercise;
    if (!group.all_builds) {
        narrow.builds = {"release"};
        for (TestCase& test : narrow.tests)
            std::erase_if(test.builds, [](const std::string& build) { return build != "release"; });
        std::erase_if(narrow.tests, [](const TestCase& test) { return test.builds.empty(); });
    }
    // Every flag contains the empty text: none is raised.
    if (group.soundly) narrow.allow = {""};
    return narrow;
}

void grade_group(const Group& group, const std::vector<Attack>& attacks,
                 const std::vector<Exercise>& catalog, const Sandbox& sandbox,
                 const fs::path& out) {
    const std::vector<Exercise> exercises{
        exercise_for(find_exercise(catalog, group.exercise), group)};
    const fs::path submissions = out / group.name() / "submissions";
    fs::create_directories(submissions);
    std::size_t count = 0;
    for (const Attack& attack : attacks) {
        hand_in(attack, submissions);
        // Graded right after it: students are graded in the order of their names.
        if (!group.speed && (++count % kAttacksToOneHonest == 0 || count == attacks.size()))
            fs::copy(exercises.front().solution, submissions / (attack.name + "~" + kHonest));
    }
    const BatchOptions options{.submissions = submissions,
                               .out = out / group.name() / "grades",
                               .work = out / group.name() / "work",
                               .sandbox = &sandbox,
                               .jobs = 2,
                               .speed = group.speed,
                               .case_limit = kCaseLimit,
                               .seed = std::random_device()()};
    write_batch_reports(grade_batch(exercises, options), options.out, std::cout);
}

int grade_all(const fs::path& out, const fs::path& folder, std::vector<Exercise> catalog) {
    fs::remove_all(out);
    std::map<Group, std::vector<Attack>> groups;
    for (Attack& attack : read_attacks(folder))
        if (!attack.on_a_real_exercise()) groups[group_of(attack)].push_back(std::move(attack));
    const Sandbox sandbox =
        Sandbox::confining(fs::read_symlink("/proc/self/exe"), catalog.front().solution);
    Sandbox hasty = sandbox;
    hasty.hasten(kAnyLimit);
    for (const auto& [group, attacks] : groups)
        grade_group(group, attacks, catalog, group.speed ? sandbox : hasty, out);
    return 0;
}

StudentGrade grade_of(const fs::path& folder) {
    std::ifstream in(folder / "grade.json");
    return student_grade_from_json(nlohmann::ordered_json::parse(in));
}

// A benchmark is not run before every other step has its points.
bool benchmark_was_run(const ExerciseGrade& exercise) {
    return std::ranges::all_of(exercise.steps, [](const StepGrade& step) {
        return !step.step.benchmark.empty() || step.full();
    });
}

// How the test cases, replays and benchmarks without points ended.
std::set<std::string> endings(const StudentGrade& grade) {
    std::set<std::string> found;
    if (!grade.error.empty()) found.insert("error");
    for (const ExerciseGrade& exercise : grade.exercises)
        for (const StepGrade& step : exercise.steps) {
            if (!step.audit.empty()) found.insert("replay");
            for (const CaseGrade& one : step.cases)
                if (one.verdict() != Verdict::passed)
                    found.insert(std::string(to_string(one.verdict())));
            if (benchmark_was_run(exercise))
                for (const SpeedGrade& speed : step.speeds)
                    if (speed.pace != Pace::not_measured)
                        found.insert(std::string(to_string(speed.pace)));
        }
    return found;
}

int check_verdict(const Attack& attack, const StudentGrade& grade) {
    std::cout << attack.name << ": " << grade.earned() / 100.0 << " points of " << attack.earns
              << " honest ones\n";
    for (const Flag& flag : grade.flags)
        std::cout << (flag.attack ? "attack: " : "flag: ") << flag.file << ':' << flag.line << ": "
                  << flag.what << '\n';
    int wrong = 0;
    const auto check = [&](bool holds, const std::string& what) {
        if (holds) return;
        std::cout << "WRONG: " << what << '\n';
        wrong = 1;
    };
    check(grade.earned() <= attack.earns * 100, "it gains points");
    const std::set<std::string> ended = endings(grade);
    for (const std::string& ending : ended)
        check(attack.ends_as.contains(ending), "it also ends as " + ending);
    check(!ended.empty(), "nothing stops it");
    check(attack.soundly() || !grade.flags.empty(), "nothing is flagged");
    return wrong;
}

int check_graded(const fs::path& out, const fs::path& folder) {
    const Attack attack = read_attack(folder);
    return check_verdict(
        attack, grade_of(out / group_of(attack).name() / "grades" / "students" / attack.name));
}

int check_honest(const fs::path& out) {
    int wrong = 0;
    int count = 0;
    for (const auto& group : fs::directory_iterator(out))
        for (const auto& student : fs::directory_iterator(group.path() / "grades" / "students")) {
            if (!student.path().filename().string().ends_with(kHonest)) continue;
            const StudentGrade grade = grade_of(student.path());
            ++count;
            if (grade.earned() == grade.possible() && grade.error.empty()) continue;
            std::cout << "WRONG: " << grade.student << " has " << grade.earned() / 100.0
                      << " points. " << grade.error << '\n';
            wrong = 1;
        }
    std::cout << count << " honest students among the attacks\n";
    return count == 0 ? 1 : wrong;
}

int check_real(const fs::path& out, const fs::path& folder, const fs::path& catalog) {
    const Attack attack = read_attack(folder);
    const std::vector<Exercise> exercises = load_catalog(catalog);
    const Exercise exercise = narrowed(find_exercise(exercises, attack.exercise), attack.steps);
    const fs::path submissions = out / attack.name / "submissions";
    const fs::path target = submissions / attack.name / exercise.name;
    assemble(exercise, attack.from.empty() ? folder : exercise.corpus / attack.from, target);
    if (!attack.from.empty()) lay_over(folder, target);
    const Sandbox sandbox =
        Sandbox::confining(fs::read_symlink("/proc/self/exe"), exercise.solution);
    fs::remove_all(out / attack.name / "grades");
    const BatchOptions options{.submissions = submissions,
                               .out = out / attack.name / "grades",
                               .work = out / exercise.name,  // and the reference's objects
                               .sandbox = &sandbox,
                               .jobs = 1,
                               .speed = attack.speed,
                               .seed = std::random_device()()};
    return check_verdict(attack,
                         grade_batch({exercise_for(exercise, group_of(attack))}, options).front());
}

int check_innocent(const fs::path& catalog) {
    const Sandbox sandbox = Sandbox::trusting();
    const fs::path scratch = fs::temp_directory_path() / ("innocent-" + std::to_string(getpid()));
    int wrong = 0;
    int count = 0;
    for (const Exercise& exercise : load_catalog(catalog)) {
        std::vector<fs::path> submissions{exercise.solution};
        for (const auto& entry : fs::directory_iterator(exercise.corpus / "accepted"))
            submissions.push_back(entry.path());
        for (const fs::path& submission : submissions) {
            assemble(exercise, submission, scratch / "submission");
            const Stage stage(exercise, scratch / "submission", scratch / "work", "submission");
            ++count;
            for (const Flag& flag : inspect(stage, {}, sandbox)) {
                wrong = wrong != 0 || flag.attack ? 1 : 0;
                std::cout << (flag.attack ? "WRONG: " : "a flag: ") << exercise.name << ' '
                          << submission.filename().string() << ": " << flag.file << ':' << flag.line
                          << ": " << flag.what << '\n';
            }
        }
    }
    fs::remove_all(scratch);
    std::cout << count << " right answers inspected\n";
    return wrong;
}

int check_table(const fs::path& attacks, const fs::path& page, bool write) {
    constexpr std::string_view kBegin = "<!-- attacks: begin -->\n";
    constexpr std::string_view kEnd = "<!-- attacks: end -->";
    const std::string text = read_file(page);
    const std::size_t begin = text.find(kBegin);
    const std::size_t end = text.find(kEnd);
    if (begin == std::string::npos || end == std::string::npos)
        throw UserError(page.string() + " has no place for the table.");
    const std::string wanted =
        text.substr(0, begin + kBegin.size()) + table(read_attacks(attacks)) + text.substr(end);
    if (wanted == text) return 0;
    if (!write) {
        std::cout << page.string() << " does not tell of the attacks as they are. Write it anew:\n"
                  << "workbook-attacks table " << attacks.string() << ' ' << page.string()
                  << " --write\n";
        return 1;
    }
    write_file(page, wanted);
    return 0;
}

}  // namespace

int main(int argc, char* argv[]) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    try {
        if (words.size() == 5 && words[0] == "probe")
            return probe_walls(std::stoi(words[1]), std::stoi(words[2]), words[3], words[4]);
        if (words.size() >= 4 && words[0] == "grade") {
            std::vector<Exercise> catalog;
            for (std::size_t i = 3; i < words.size(); ++i)
                std::ranges::move(load_catalog(words[i]), std::back_inserter(catalog));
            return grade_all(fs::absolute(words[1]), fs::absolute(words[2]), std::move(catalog));
        }
        if (words.size() == 3 && words[0] == "verdict") return check_graded(words[1], words[2]);
        if (words.size() == 4 && words[0] == "real")
            return check_real(fs::absolute(words[1]), fs::absolute(words[2]), words[3]);
        if (words.size() == 2 && words[0] == "honest") return check_honest(words[1]);
        if (words.size() == 2 && words[0] == "innocent") return check_innocent(words[1]);
        if (words.size() >= 3 && words[0] == "table")
            return check_table(words[1], words[2], words.size() == 4 && words[3] == "--write");
        std::cerr << "usage: workbook-attacks grade OUT ATTACKS CATALOG… | verdict OUT ATTACK | "
                     "real OUT ATTACK CATALOG | honest OUT | innocent CATALOG | table ATTACKS PAGE "
                     "[--write]\n";
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 2;
}
