// workbook-grade hint EXERCISE [STEP]: the next hint, all of them, or from the start again.

#include <iostream>
#include <memory>

#include "commands/commands.hpp"
#include "hints.hpp"
#include "nearest.hpp"
#include "progress.hpp"

namespace cacheline::grader {

namespace {

struct Wishes {
    std::string exercise;
    std::string step;
    bool all = false;
    bool reset = false;
};

std::vector<std::string> step_ids(const Exercise& exercise) {
    std::vector<std::string> ids;
    for (const Step& step : exercise.steps)
        ids.push_back(step.id);
    return ids;
}

void check_step(const Exercise& exercise, const std::string& step) {
    const std::vector<std::string> ids = step_ids(exercise);
    if (step.empty() || std::ranges::count(ids, step) != 0) return;
    throw UserError(std::string(exercise.slug()) + " has no step \"" + step +
                    "\". Did you mean \"" + nearest(step, ids) + "\"?\nSteps: " + join(ids, ", "));
}

HintMemory memory(const Setting& setting) {
    return HintMemory(setting.state / "hints.json");
}

void show_all(const Exercise& exercise, const std::string& step) {
    auto hints = read_hints(exercise);
    for (const std::string& id : step_ids(exercise)) {
        if (!step.empty() && step != id) continue;
        const std::vector<std::string>& texts = hints[id];
        for (std::size_t i = 0; i < texts.size(); ++i)
            std::cout << exercise.slug() << ' ' << id << ", hint " << i + 1 << " of "
                      << texts.size() << "\n\n"
                      << texts[i] << "\n\n";
    }
}

void hint(const Setting& setting, const Wishes& wishes) {
    const std::vector<Exercise> catalog = load_catalog(setting.catalog);
    const Exercise& exercise = find_exercise(catalog, wishes.exercise);
    check_step(exercise, wishes.step);
    if (wishes.reset) {
        memory(setting).forget(exercise.name, wishes.step);
        std::cout << "The hints of " << exercise.slug()
                  << (wishes.step.empty() ? "" : " " + wishes.step)
                  << " start again at the first.\n";
    } else if (wishes.all) {
        show_all(exercise, wishes.step);
    } else {
        std::cout << next_hint(setting, exercise, wishes.step) << '\n';
    }
}

}  // namespace

std::string next_hint(const Setting& setting, const Exercise& exercise, std::string step) {
    const std::string slug(exercise.slug());
    if (step.empty()) step = ProgressFile(setting.state / "progress.json").open_step(exercise);
    if (step.empty())
        return slug +
               ": every step is done. Name one for its hints: " + join(step_ids(exercise), ", ");
    const std::vector<std::string> texts = read_hints(exercise)[step];
    if (texts.empty()) return slug + " " + step + " has no hints.";
    const std::size_t number = memory(setting).next(exercise.name, step, texts.size());
    std::string text = slug + " " + step + ", hint " + std::to_string(number) + " of " +
                       std::to_string(texts.size()) + "\n\n" + texts[number - 1];
    if (number == texts.size())
        text += "\n\nThat was the last of this step. All of them again: ./workbook hint " + slug +
                " " + step + " --all";
    return text;
}

Subcommand hint_command(CLI::App& app, const Setting& setting) {
    const auto wishes = std::make_shared<Wishes>();
    CLI::App& command = *app.add_subcommand("hint", "Show the next hint of a step");
    command.fallthrough();
    command.add_option("exercise", wishes->exercise, "Name, number or prefix")->required();
    command.add_option("step", wishes->step, "The step's id; none means the first not done");
    command.add_flag("--all", wishes->all, "All hints, of the step or of the exercise");
    command.add_flag("--reset", wishes->reset, "Forget which were shown");
    return {&command, [wishes, &setting] { hint(setting, *wishes); }};
}

}  // namespace cacheline::grader
