#pragma once

#include <sstream>
#include <string>

#include "record.hpp"

namespace cacheline {

/// The declaration, with what it does not say behind each field: who writes it and whether it is
/// hot.
[[nodiscard]] inline std::string annotated(const Record& record) {
    std::istringstream lines(declaration(record));
    std::string text;
    std::string line;
    std::getline(lines, line);
    text = line + '\n';
    for (const Field& field : record.fields) {
        std::getline(lines, line);
        std::string marks;
        if (field.access.writer != kNobody)
            marks = " thread " + std::to_string(field.access.writer) + " writes it";
        if (field.access.hot) marks += marks.empty() ? " hot" : ", hot";
        text += line + (marks.empty() ? "" : "  //" + marks) + '\n';
    }
    return text + "};\n";
}

}  // namespace cacheline
