#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

namespace cacheline::grader {

/// Reads a JSON object; a file that is missing or broken is an empty one, so that lost memory never
/// stops a run.
nlohmann::json read_state(const std::filesystem::path& file);

/// Writes it beside the file and renames it, so that an interrupted run leaves the old one whole.
/// Throws UserError where it can't be written.
void write_state(const std::filesystem::path& file, const nlohmann::ordered_json& state);

}  // namespace cacheline::grader
