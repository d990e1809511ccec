#include "files.hpp"

#include <fstream>
#include <sstream>

#include "catalog.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return std::move(text).str();
}

void write_file(const fs::path& file, std::string_view text) {
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out.flush())
        throw UserError("Can't write " + file.string() +
                        ". Is the folder writable, and the disk not full?");
}

void write_if_changed(const fs::path& file, const std::string& text) {
    if (!fs::exists(file) || read_file(file) != text) write_file(file, text);
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(std::move(line));
    return lines;
}

void make_writable_file(const fs::path& file) {
    fs::remove(file);
    write_file(file, "");
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::others_read |
                              fs::perms::others_write);
}

}  // namespace cacheline::grader
