#pragma once

#include <cstddef>
#include <optional>
#include <parse_errors.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cacheline::support {

/// What a CSV text means, byte by byte and by the book, for comparison.
struct CsvMeaning {
    std::vector<std::vector<std::string>> records;  ///< those before the fault, if there is one
    std::optional<CsvPosition> fault;
    std::size_t unescaped = 0;  ///< bytes of fields with doubled quotes
};

inline CsvMeaning read_csv_plainly(std::string_view text, char delimiter = ',') {
    CsvMeaning meaning;
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
        meaning.fault = CsvPosition{1, 1};
        return meaning;
    }
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    const auto position = [text](std::size_t at) {
        CsvPosition where;
        for (std::size_t i = 0; i < at; ++i) {
            ++where.column;
            if (text[i] == '\n') where = {where.line + 1, 1};
        }
        return where;
    };
    std::size_t at = 0;
    while (at < text.size()) {
        std::vector<std::string> record;
        std::size_t unescaped = 0;
        for (bool more = true; more;) {
            std::string field;
            if (at < text.size() && text[at] == '"') {
                const std::size_t opening = at++;
                bool doubled = false;
                while (true) {
                    if (at == text.size()) {
                        meaning.fault = position(opening);
                        return meaning;
                    }
                    if (text[at] != '"') {
                        field += text[at++];
                    } else if (at + 1 < text.size() && text[at + 1] == '"') {
                        field += '"';
                        doubled = true;
                        at += 2;
                    } else {
                        ++at;
                        break;
                    }
                }
                if (doubled) unescaped += field.size();
            } else {
                while (at < text.size() && text[at] != delimiter && text[at] != '\n') {
                    if (text[at] == '"') {
                        meaning.fault = position(at);
                        return meaning;
                    }
                    if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') break;
                    field += text[at++];
                }
            }
            record.push_back(field);
            more = at < text.size() && text[at] == delimiter;
            if (more) {
                ++at;
            } else if (at < text.size()) {
                if (text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n') ++at;
                if (text[at] != '\n') {
                    meaning.fault = position(at);
                    return meaning;
                }
                ++at;
            }
        }
        meaning.records.push_back(record);
        meaning.unescaped += unescaped;
    }
    return meaning;
}

}  // namespace cacheline::support
