#include "hints.hpp"

#include <algorithm>
#include <fstream>

#include "file_lock.hpp"
#include "state_file.hpp"

namespace cacheline::grader {

std::map<std::string, std::vector<std::string>> read_hints(const Exercise& exercise) {
    const std::filesystem::path file = exercise.folder / "hints.md";
    std::ifstream in(file);
    if (!in) throw UserError("There is no " + file.string() + ".");
    std::map<std::string, std::vector<std::string>> hints;
    std::vector<std::string>* step = nullptr;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("## ")) {
            step = &hints[line.substr(3)];
        } else if (step == nullptr) {
            continue;
        } else if (const std::size_t dot = line.find(". ");
                   dot != std::string::npos && dot > 0 &&
                   std::ranges::all_of(line.substr(0, dot),
                                       [](char c) { return c >= '0' && c <= '9'; })) {
            step->push_back(line.substr(dot + 2));
        } else if (!step->empty()) {
            step->back() += '\n' + (line.starts_with("   ") ? line.substr(3) : line);
        }
    }
    for (auto& [id, texts] : hints)
        for (std::string& text : texts)
            while (!text.empty() && text.back() == '\n')
                text.pop_back();
    return hints;
}

std::size_t HintMemory::next(const std::string& exercise, const std::string& step,
                             std::size_t total) const {
    const FileLock lock(file_.string() + ".lock");
    nlohmann::json shown = read_state(file_);
    const std::string key = exercise + "." + step;
    const std::size_t number = std::min(shown.value(key, std::size_t{0}) + 1, total);
    shown[key] = number;
    write_state(file_, shown);
    return number;
}

void HintMemory::forget(const std::string& exercise, const std::string& step) const {
    const FileLock lock(file_.string() + ".lock");
    nlohmann::json shown = read_state(file_);
    nlohmann::json kept = nlohmann::json::object();
    for (const auto& [key, number] : shown.items())
        if (step.empty() ? !key.starts_with(exercise + ".") : key != exercise + "." + step)
            kept[key] = number;
    write_state(file_, kept);
}

}  // namespace cacheline::grader
