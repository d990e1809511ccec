#include "catalog.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nearest.hpp"

namespace cacheline::grader {

using nlohmann::json;

namespace {

Recipe read_recipe(const json& recipe) {
    return {.sources = recipe.at("sources").get<std::vector<std::filesystem::path>>(),
            .precompiled = recipe.at("precompiled"),
            .options = recipe.at("options"),
            .definitions = recipe.at("definitions"),
            .includes = recipe.at("includes").get<std::vector<std::filesystem::path>>(),
            .readable = recipe.at("readable").get<std::vector<std::filesystem::path>>(),
            .objects = recipe.at("objects"),
            .link = recipe.at("link")};
}

// A build needs those suite files alone that hold a test case for it.
void drop_idle_sources(Exercise& exercise) {
    for (const std::string& build : exercise.builds) {
        std::erase_if(exercise.recipes.at(build).sources, [&](const std::filesystem::path& source) {
            return std::ranges::none_of(exercise.tests, [&](const TestCase& test) {
                return test.source == source && std::ranges::count(test.builds, build) != 0;
            });
        });
    }
}

Exercise read_exercise(const json& entry) {
    if (entry.contains("fault"))
        return {.name = entry.at("name"), .title = entry.at("name"), .fault = entry.at("fault")};
    const json& manifest = entry.at("manifest");
    Exercise exercise{.name = entry.at("name"),
                      .title = manifest.at("title"),
                      .folder = entry.at("folder").get<std::string>(),
                      .solution = entry.at("solution").get<std::string>(),
                      .corpus = entry.at("corpus").get<std::string>(),
                      .compiler = entry.at("compiler"),
                      .edit = manifest.at("edit"),
                      .given = manifest.value("given", std::vector<std::string>()),
                      .builds = manifest.at("builds"),
                      .allow = manifest.value("allow", std::vector<std::string>())};
    for (const json& step : manifest.at("steps")) {
        exercise.steps.push_back({.id = step.at("id"),
                                  .title = step.at("title"),
                                  .points = step.at("points"),
                                  .minutes = step.at("minutes"),
                                  .benchmark = step.value("benchmark", ""),
                                  .ratio = step.value("ratio", 0.0)});
    }
    for (const json& test : entry.at("tests")) {
        exercise.tests.push_back({.name = test.at("name"),
                                  .step = test.at("step"),
                                  .source = test.at("source").get<std::string>(),
                                  .builds = test.at("builds")});
    }
    for (const auto& [build, recipe] : entry.at("recipes").items())
        exercise.recipes.emplace(build, read_recipe(recipe));
    drop_idle_sources(exercise);
    return exercise;
}

}  // namespace

std::string_view Exercise::slug() const {
    return std::string_view(name).substr(name.find('-') + 1);
}

Exercise narrowed(const Exercise& exercise, const std::vector<std::string>& steps) {
    Exercise narrow = exercise;
    const auto dropped = [&](const std::string& step) {
        return std::ranges::count(steps, step) == 0;
    };
    std::erase_if(narrow.steps, [&](const Step& step) { return dropped(step.id); });
    std::erase_if(narrow.tests, [&](const TestCase& test) { return dropped(test.step); });
    drop_idle_sources(narrow);
    return narrow;
}

std::vector<Exercise> load_catalog(const std::filesystem::path& folder) {
    std::vector<Exercise> catalog;
    std::error_code no_folder;
    for (const auto& file : std::filesystem::directory_iterator(folder, no_folder)) {
        if (file.path().extension() != ".json") continue;
        std::ifstream in(file.path());
        try {
            catalog.push_back(read_exercise(json::parse(in)));
        } catch (const json::exception& error) {
            throw UserError(file.path().string() + " can't be read (" + error.what() +
                            "). Configure again: cmake --preset grader");
        }
        // A folder that is gone leaves its entry behind.
        const Exercise& last = catalog.back();
        if (last.fault.empty() && !std::filesystem::exists(last.folder)) catalog.pop_back();
    }
    if (catalog.empty())
        throw UserError("No exercise is listed in " + folder.string() +
                        ". Configure first: cmake --preset grader");
    std::ranges::sort(catalog, {}, &Exercise::name);
    return catalog;
}

const Exercise& find_exercise(const std::vector<Exercise>& catalog, std::string_view wanted,
                              const std::vector<std::string>& commands) {
    std::vector<const Exercise*> found;
    std::vector<std::string> names;
    for (const Exercise& exercise : catalog) {
        const std::string_view number = std::string_view(exercise.name).substr(0, 2);
        if (wanted == exercise.name || wanted == exercise.slug() || wanted == number ||
            (wanted.size() == 1 && number == "0" + std::string(wanted)))
            return exercise;
        if (exercise.name.starts_with(wanted) || exercise.slug().starts_with(wanted))
            found.push_back(&exercise);
        names.emplace_back(exercise.slug());
    }
    if (found.size() == 1 && !wanted.empty()) return *found.front();
    std::vector<std::string> meant = names;
    meant.insert(meant.end(), commands.begin(), commands.end());
    throw UserError("There is " + std::string(found.size() > 1 ? "more than one" : "no") +
                    " exercise " + (commands.empty() ? "" : "or command ") + "called \"" +
                    std::string(wanted) + "\". Did you mean \"" + nearest(wanted, meant) +
                    "\"?\nExercises: " + join(names, ", ") +
                    (commands.empty() ? "" : "\nCommands: " + join(commands, ", ")));
}

}  // namespace cacheline::grader
