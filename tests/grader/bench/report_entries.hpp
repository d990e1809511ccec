#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cacheline::grader {

/// One benchmark's line in Google Benchmark's report.
struct ReportEntry {
    std::string name;  ///< "Transfer/yours/1024/real_time"
    std::string time_unit;
    std::map<std::string, double> numbers;  ///< "real_time", and counters by their names

    [[nodiscard]] std::optional<double> number(const std::string& key) const;
};

/// The entries of a report (JSON) that ended well. Where one did not, or there is no report at all,
/// `error` says so in a sentence. The text may be anything: who is measured writes it.
std::vector<ReportEntry> read_report_entries(const std::string& text, std::string& error);

}  // namespace cacheline::grader
