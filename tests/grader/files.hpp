#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cacheline::grader {

/// The whole file; empty if it can't be read.
std::string read_file(const std::filesystem::path& file);

/// Throws UserError where it can't be written.
void write_file(const std::filesystem::path& file, std::string_view text);

/// The same, but an equal file stays as it is: its time says whether there is something to compile.
void write_if_changed(const std::filesystem::path& file, const std::string& text);

void replace_all(std::string& text, const std::string& from, const std::string& to);

std::vector<std::string> lines_of(const std::string& text);

/// An empty file that a user of the sandbox may write, whoever made the one before.
void make_writable_file(const std::filesystem::path& file);

}  // namespace cacheline::grader
