#include "commands/commands.hpp"

#include <array>
#include <ctime>
#include <iostream>

namespace cacheline::grader {

void Progress::operator()(const std::string& text) {
    const std::lock_guard lock(mutex_);
    if (terminal_)
        std::cerr << "\r\033[K" << text << "…" << std::flush;
    else if (text.starts_with("built"))
        std::cerr << text << '\n';
}

void Progress::clear() const {
    if (terminal_) std::cerr << "\r\033[K" << std::flush;
}

std::string today() {
    const std::time_t now = std::time(nullptr);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%F", std::localtime(&now));
    return text.data();
}

std::filesystem::path root_of(const Exercise& exercise) {
    return exercise.folder.parent_path().parent_path();
}

}  // namespace cacheline::grader
