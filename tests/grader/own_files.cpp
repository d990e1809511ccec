#include "own_files.hpp"

#include <algorithm>
#include <array>

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

constexpr std::array kSourceEndings{".cpp", ".cc", ".cxx"};
constexpr std::array kHeaderEndings{".hpp", ".h", ".hh", ".hxx", ".ipp", ".tpp", ".inl", ".inc"};

template <std::size_t size>
bool ends_in(const std::string& name, const std::array<const char*, size>& endings) {
    return std::ranges::count(endings, fs::path(name).extension().string()) != 0;
}

bool contains(const std::vector<std::string>& files, const std::string& name) {
    return std::ranges::find(files, name) != files.end();
}

// <string.h> and the like lie here, those of the machine one folder further down.
bool is_system_header(const std::string& name) {
    const fs::path include = "/usr/include";
    std::error_code unreadable;
    if (fs::exists(include / name, unreadable)) return true;
    return std::ranges::any_of(
        fs::directory_iterator(include, unreadable), [&](const fs::directory_entry& entry) {
            return entry.path().filename().string().find("-linux-") != std::string::npos &&
                   fs::exists(entry.path() / name, unreadable);
        });
}

}  // namespace

bool is_source(const std::string& name) {
    return ends_in(name, kSourceEndings);
}

bool is_own_file(const Exercise& exercise, const std::string& name) {
    return (is_source(name) || ends_in(name, kHeaderEndings)) && !name.starts_with('.') &&
           !contains(exercise.edit, name) && !contains(exercise.given, name);
}

std::vector<std::string> own_files(const Exercise& exercise, const fs::path& folder) {
    std::vector<std::string> own;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
        const std::string name = entry.path().filename().string();
        if (fs::is_regular_file(entry.symlink_status()) && is_own_file(exercise, name))
            own.push_back(name);
    }
    std::ranges::sort(own);
    return own;
}

std::vector<std::string> written_files(const Exercise& exercise, const fs::path& folder) {
    std::vector<std::string> written = exercise.edit;
    std::ranges::move(own_files(exercise, folder), std::back_inserter(written));
    return written;
}

std::string fault_of_own_file(const std::string& name) {
    if (!is_system_header(name)) return {};
    return name +
           " has the name of a header of the system, which would be hidden by it. Give it "
           "another name.";
}

}  // namespace cacheline::grader
