// workbook-corpus CATALOG EXERCISE KIND [FOLDER]: does a submission whose outcome is known get it?
//
//   stub       no warning, 0 points, and every test case fails by itself with `todo`
//
//   reference  no warning, and every point that needs no clock, in every build
//
//   speed      the reference again: the points that a clock decides
//
//   accepted   every point that needs no clock, in every build
//
//   rejected   loses points in the step that its first line names
//
//   exact      a rejected one again: loses in no step but that and those it allows
//
//   whole      every submission of both corpora says what it is, and its patches apply; the
//   manifest
//              names every file of the exercise, and its README tells each step's minutes
//
//   bad        gets the verdict and the sentence that its first line names

#include <algorithm>
#include <fstream>
#include <iostream>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "corpus.hpp"
#include "files.hpp"
#include "grading.hpp"
#include "nearest.hpp"
#include "own_files.hpp"
#include "scorecard.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;

namespace {

// ctest's SKIP_RETURN_CODE: neither right nor wrong.
constexpr int kInconclusive = 77;

// The first two lines of the submission's first file tell what it is.
struct Claim {
    std::string step;
    std::set<std::string> also;
    std::string verdict;
    std::string sentence;
};

Claim read_claim(const fs::path& folder, const std::string& kind) {
    Claim claim;
    for (const fs::path& file : sorted_files(folder)) {
        std::ifstream in(file);
        std::string first;
        std::string second;
        std::getline(in, first);
        std::getline(in, second);
        static const std::regex step(R"(\[([a-z0-9-]+)\])");
        std::smatch match;
        if (kind == "accepted" && first.starts_with("// accepted: ")) return claim;
        static const std::regex bad("// bad: \\[([a-z ]+)\\] (.*)");
        if (kind == "bad" && std::regex_match(first, match, bad)) {
            claim.verdict = match[1];
            claim.sentence = match[2];
            return claim;
        }
        if (!first.starts_with("// rejected: ") || !std::regex_search(first, match, step)) continue;
        claim.step = match[1];
        if (second.starts_with("// also:"))
            for (std::sregex_iterator it(second.begin(), second.end(), step), end; it != end; ++it)
                claim.also.insert((*it)[1]);
        return claim;
    }
    throw UserError(folder.string() + ": no file starts with \"// " + kind + ": \".");
}

bool needs_clock(const Exercise& exercise, const std::string& id) {
    const auto step = std::ranges::find(exercise.steps, id, &Step::id);
    return step != exercise.steps.end() && !step->benchmark.empty();
}

Exercise clocked_part(const Exercise& exercise) {
    std::vector<std::string> steps;
    for (const Step& step : exercise.steps)
        if (!step.benchmark.empty()) steps.push_back(step.id);
    return narrowed(exercise, steps);
}

// A step that a benchmark decides counts only for a submission that says it is too slow.
std::set<std::string> lost_steps(const ExerciseGrade& grade, const Claim& claim) {
    std::set<std::string> lost;
    for (const StepGrade& step : grade.steps)
        if (!step.full() && (step.step.benchmark.empty() || step.step.id == claim.step))
            lost.insert(step.step.id);
    return lost;
}

// Sentences are wrapped on the scorecard.
std::string one_line(const std::string& text) {
    static const std::regex space(R"(\s+)");
    return std::regex_replace(text, space, " ");
}

// What is wrong with the grade, or nothing.
std::string check(const std::string& kind, const Claim& claim, const ExerciseGrade& grade) {
    if (kind == "stub") {
        if (grade.earned() != 0) return "the stub earns points";
        for (const StepGrade& step : grade.steps)
            for (const CaseGrade& one : step.cases)
                for (const BuildRun& run : one.runs)
                    if (run.verdict != Verdict::todo)
                        return "the stub's \"" + one.name + "\" is " +
                               std::string(to_string(run.verdict)) + " in " + run.build +
                               " rather than todo";
        return {};
    }
    std::set<std::string> lost = lost_steps(grade, claim);
    if (kind == "speed")
        return grade.earned() == grade.possible() ? "" : "the reference is slower than itself";
    if (kind == "bad") {
        std::ostringstream scorecard;
        print_scorecard(scorecard, {grade}, {.failures = 100});
        const std::string text = one_line(scorecard.str());
        if (text.find(claim.sentence) == std::string::npos)
            return "the scorecard does not say \"" + claim.sentence + "\"";
        return to_string(grade.steps.front().cases.front().verdict()) == claim.verdict
                   ? ""
                   : "the verdict is not " + claim.verdict;
    }
    if (kind == "accepted" || kind == "reference")
        return lost.empty() ? "" : "a right answer loses points";
    if (kind == "rejected")
        return lost.contains(claim.step) ? "" : "it loses nothing in [" + claim.step + "]";
    if (!lost.contains(claim.step)) return "it loses nothing in [" + claim.step + "]";
    lost.erase(claim.step);
    for (const std::string& step : lost)
        if (!claim.also.contains(step))
            return "it also loses in [" + step + "], which it does not name";
    return {};
}

// One that is caught without a sanitizer needs no slower builds.
ExerciseGrade grade_rejected(const Exercise& exercise, const fs::path& folder, const Claim& claim,
                             GradingOptions options) {
    options.speed = needs_clock(exercise, claim.step);
    options.builds = {"release"};
    const ExerciseGrade fast = grade(exercise, folder, "submission", options);
    if (lost_steps(fast, claim).contains(claim.step)) return fast;
    options.builds.clear();
    return grade(exercise, folder, "submission", options);
}

// The exercise's README has "**fifo** (20 min)", or both in a row of a table, for each step.
void check_told_minutes(const Exercise& exercise) {
    const std::string readme = read_file(exercise.folder / "README.md");
    for (const Step& step : exercise.steps) {
        const std::string minutes = std::to_string(step.minutes) + " min";
        if (!std::regex_search(readme, std::regex("[*`]" + step.id + "[*`][^\n]*\\b" + minutes)))
            throw UserError("exercises/" + exercise.name + "/README.md does not say of the step " +
                            step.id + " that it takes " + minutes +
                            ", as exercise.json has it. Correct one of them.");
    }
}

void check_whole_corpus(const Exercise& exercise, const fs::path& scratch) {
    check_told_minutes(exercise);
    for (const std::string& file : own_files(exercise, exercise.folder))
        throw UserError("exercises/" + exercise.name + "/" + file +
                        " is neither in \"edit\" nor in \"given\" of its exercise.json. Add it.");
    for (const char* const kind : {"accepted", "rejected"})
        for (const fs::path& folder : sorted_files(exercise.corpus / kind)) {
            const Claim claim = read_claim(folder, kind);
            if (!claim.step.empty() &&
                std::ranges::count(exercise.steps, claim.step, &Step::id) == 0)
                throw UserError(folder.string() + ": there is no step [" + claim.step + "].");
            assemble(exercise, folder, scratch);
        }
}

}  // namespace

int main(int argc, char* argv[]) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    if (arguments.size() != 3 && arguments.size() != 4) {
        std::cerr << "usage: workbook-corpus CATALOG EXERCISE stub|reference|speed|whole\n"
                     "       workbook-corpus CATALOG EXERCISE accepted|rejected|exact|bad FOLDER\n";
        return 2;
    }
    try {
        const std::vector<Exercise> catalog = load_catalog(arguments[0]);
        const Exercise& exercise = find_exercise(catalog, arguments[1]);
        if (!exercise.fault.empty()) throw UserError(exercise.fault);
        const std::string& kind = arguments[2];
        // One tree for each compiler's references: they lend their objects to all others.
        const fs::path corpus =
            fs::path(arguments[0]).parent_path() / "corpus" / fs::path(arguments[0]).filename();
        const fs::path references = corpus / "references";
        const bool of_reference = kind == "reference" || kind == "speed";
        const fs::path work =
            of_reference ? references
                         : corpus / exercise.name / kind /
                               (arguments.size() == 4 ? fs::path(arguments[3]).filename() : "all");
        const Sandbox sandbox = Sandbox::trusting();
        GradingOptions options{.sandbox = &sandbox,
                               .work = work,
                               .references = references,
                               .jobs = 2,
                               .speed = kind == "speed"};
        if (kind == "whole") {
            check_whole_corpus(exercise, work);
            fs::remove_all(work);
            return 0;
        }
        if (kind == "reference" || kind == "accepted") options.audit_seed = std::random_device()();
        options.warnings_are_errors = kind == "stub" || kind == "reference";
        // A test case that fails in one build earns nothing in the others.
        if (kind == "stub") options.builds = {"release"};
        if (kind == "bad") options.case_limit = std::chrono::seconds(2);
        Claim claim;
        fs::path folder = kind == "stub" ? exercise.folder : exercise.solution;
        if (arguments.size() == 4) {
            claim = read_claim(arguments[3], kind);
            folder = work / "submission";
            assemble(exercise, arguments[3], folder);
        }
        const bool clocked = needs_clock(exercise, claim.step);
        const ExerciseGrade result =
            kind == "speed" ? grade(clocked_part(exercise), folder, "the reference", options)
            : kind == "rejected" && !clocked
                ? grade_rejected(narrowed(exercise, {claim.step}), folder, claim, options)
            : kind == "rejected" || kind == "exact"
                ? grade_rejected(exercise, folder, claim, options)
                : grade(exercise, folder, "submission", options);
        if (!of_reference) fs::remove_all(work);
        print_scorecard(std::cout, {result}, {.failures = 100});
        const std::string wrong = check(kind, claim, result);
        if (wrong.empty() && kind == "speed" && result.possible() == 0) {
            std::cout << "The machine was too noisy to tell how fast it is.\n";
            return kInconclusive;
        }
        if (wrong.empty()) return 0;
        std::cout << "WRONG: " << wrong << '\n';
        return 1;
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 2;
    }
}
