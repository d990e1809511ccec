#include "joined.hpp"

#include "files.hpp"

namespace cacheline::grader {

Exercise joined(const Exercise& exercise, const std::filesystem::path& folder) {
    Exercise whole = exercise;
    for (const std::string& build : exercise.builds) {
        Recipe& recipe = whole.recipes.at(build);
        std::string text;
        for (const std::filesystem::path& source : recipe.sources)
            text += "#include \"" + source.string() + "\"\n";
        const std::filesystem::path file =
            std::filesystem::absolute(folder) / exercise.name / (build + ".cpp");
        std::filesystem::create_directories(file.parent_path());
        write_if_changed(file, text);
        recipe.sources = {file};
        recipe.readable.push_back(file);
    }
    return whole;
}

}  // namespace cacheline::grader
