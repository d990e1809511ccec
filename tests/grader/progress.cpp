#include "progress.hpp"

#include <algorithm>
#include <cmath>

#include "file_lock.hpp"
#include "scorecard.hpp"
#include "state_file.hpp"

namespace cacheline::grader {

using nlohmann::json;

namespace {

constexpr int kAll = 10'000;  // hundredths of points

json entry_of(const json& all, const std::string& exercise) {
    json mine = all.value(exercise, json::object());
    return mine.is_object() ? mine : json::object();
}

int best_of(const json& mine) {
    return static_cast<int>(std::lround(mine.value("best", 0.0) * 100));
}

}  // namespace

std::vector<const ExerciseGrade*> ProgressFile::record(const std::vector<ExerciseGrade>& grades,
                                                       const std::string& date, bool whole) const {
    const FileLock lock(file_.string() + ".lock");
    json all = read_state(file_);
    std::vector<const ExerciseGrade*> fresh;
    for (const ExerciseGrade& grade : grades) {
        json mine = entry_of(all, grade.name);
        if (whole && grade.earned() > best_of(mine)) {
            mine["best"] = grade.earned() / 100.0;
            mine["date"] = date;
        }
        // A benchmark without a verdict counts on neither side.
        if (whole && grade.earned() > 0 && grade.earned() == grade.possible() &&
            !mine.value("complete", false)) {
            mine["complete"] = true;
            fresh.push_back(&grade);
        }
        mine["steps"] = json::object();
        for (const StepGrade& step : grade.steps)
            mine["steps"][step.step.id] = step.full();
        all[grade.name] = std::move(mine);
    }
    write_state(file_, all);
    return fresh;
}

bool ProgressFile::complete(const Exercise& exercise) const {
    const json mine = entry_of(read_state(file_), exercise.name);
    return mine.value("complete", false) || best_of(mine) >= kAll;
}

std::string ProgressFile::summary(const std::vector<Exercise>& catalog,
                                  const Exercise* shown) const {
    const json all = read_state(file_);
    int points = 0;
    std::size_t done = 0;
    for (const Exercise& exercise : catalog) {
        points += best_of(entry_of(all, exercise.name));
        if (complete(exercise)) ++done;
    }
    std::string text = std::to_string(done) + " of " + std::to_string(catalog.size()) +
                       " exercises complete, at best " + points_text(points) + " of " +
                       points_text(kAll * static_cast<int>(catalog.size())) + " points";
    if (shown != nullptr) {
        const json mine = entry_of(all, shown->name);
        if (const std::string date = mine.value("date", ""); !date.empty())
            text += "; " + std::string(shown->slug()) + " " + points_text(best_of(mine)) + " (" +
                    date + ")";
    }
    return text;
}

std::string ProgressFile::open_step(const Exercise& exercise) const {
    const json mine = entry_of(read_state(file_), exercise.name);
    const json steps = mine.value("steps", json::object());
    for (const Step& step : exercise.steps)
        if (!steps.value(step.id, false)) return step.id;
    return {};
}

}  // namespace cacheline::grader
