#include "attack.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string_view>

namespace cacheline::attacks {

namespace fs = std::filesystem;

namespace {

// One of these is an attack's main file.
constexpr const char* kMainFiles[] = {"make.sh", "sample.hpp", "attack.patch"};

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in >> std::ws, part, ',');)
        parts.push_back(part);
    return parts;
}

}  // namespace

Attack read_attack(const fs::path& folder) {
    Attack attack{.name = folder.filename().string(), .folder = folder};
    const auto wrong = [&](const std::string& what) {
        throw std::runtime_error("tests/attacks/" + attack.name + ": " + what);
    };
    const auto* const main_file = std::ranges::find_if(
        kMainFiles, [&](const char* name) { return fs::is_regular_file(folder / name); });
    if (main_file == std::end(kMainFiles))
        wrong("there is no sample.hpp, no make.sh and no attack.patch");

    std::ifstream in(folder / *main_file);
    bool soundly = false;
    for (std::string line; std::getline(in, line);) {
        const std::string mark = line.starts_with("# ") ? "# " : "// ";
        if (line.starts_with("#!")) continue;
        if (!line.starts_with(mark)) break;
        const std::size_t colon = line.find(": ");
        const std::string key = line.substr(mark.size(), colon - mark.size());
        const std::string value = colon == std::string::npos ? "" : line.substr(colon + 2);
        if (key == "attack")
            attack.tries = value;
        else if (key == "stopped by")
            attack.stopped_by = value;
        else if (key == "soundly")
            soundly = true;
        else if (key == "only made harder")
            attack.way_around = value;
        else if (key == "ends as")
            for (const std::string& ending : split(value))
                attack.ends_as.insert(ending);
        else if (key == "earns")
            attack.earns = std::stoi(value);
        else if (key == "builds" && value == "all")
            attack.all_builds = true;
        else if (key == "speed" && value == "measured")
            attack.speed = true;
        else if (key == "exercise")
            attack.exercise = value;
        else if (key == "steps")
            attack.steps = split(value);
        else if (key == "from")
            attack.from = value;
        else if (key == "graded" && value == "every time")
            continue;  // AttackTests.cmake reads it
        else
            wrong("it has an unknown line: " + line);
    }
    if (attack.tries.empty()) wrong("it does not say what it tries: \"// attack: …\"");
    if (attack.stopped_by.empty()) wrong("it does not say what stops it: \"// stopped by: …\"");
    if (attack.ends_as.empty()) wrong("it does not say how it ends: \"// ends as: …\"");
    if (attack.on_a_real_exercise() != (std::string_view(*main_file) == "attack.patch") ||
        attack.on_a_real_exercise() == attack.steps.empty())
        wrong("an attack.patch names its exercise and the steps, and nothing else does");
    if (soundly == !attack.soundly())
        wrong("it says either \"// soundly\" or \"// only made harder: …\"");
    return attack;
}

std::vector<Attack> read_attacks(const fs::path& folder) {
    std::vector<Attack> attacks;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_directory()) attacks.push_back(read_attack(entry.path()));
    std::ranges::sort(attacks, {}, &Attack::name);
    return attacks;
}

std::string table(const std::vector<Attack>& attacks) {
    std::ostringstream out;
    out << "| attack | what it tries | stopped by | soundly? |\n| --- | --- | --- | --- |\n";
    for (const Attack& attack : attacks)
        out << "| `" << attack.name << "` | " << attack.tries << " | " << attack.stopped_by << " | "
            << (attack.soundly() ? "yes" : "only made harder: " + attack.way_around) << " |\n";
    return out.str();
}

}  // namespace cacheline::attacks
