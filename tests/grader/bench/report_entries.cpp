#include "bench/report_entries.hpp"

#include <nlohmann/json.hpp>

namespace cacheline::grader {

using nlohmann::json;

namespace {

std::string text_of(const json& entry, const char* key, const std::string& otherwise) {
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : otherwise;
}

}  // namespace

std::optional<double> ReportEntry::number(const std::string& key) const {
    const auto found = numbers.find(key);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
}

std::vector<ReportEntry> read_report_entries(const std::string& text, std::string& error) {
    const json report = json::parse(text, nullptr, false);
    if (!report.is_object() || !report.contains("benchmarks")) {
        error = "the benchmark ended without a report";
        return {};
    }
    std::vector<ReportEntry> entries;
    for (const json& one : report.at("benchmarks")) {
        if (!one.is_object()) continue;
        ReportEntry entry{.name = text_of(one, "name", ""),
                          .time_unit = text_of(one, "time_unit", "ns")};
        if (const auto failed = one.find("error_occurred");
            failed != one.end() && *failed != false) {
            error = entry.name + ": " + text_of(one, "error_message", "wrong result");
            continue;
        }
        for (const auto& [key, value] : one.items())
            if (value.is_number()) entry.numbers[key] = value.get<double>();
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace cacheline::grader
