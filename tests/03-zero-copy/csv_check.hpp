#pragma once

#include <algorithm>
#include <csv_reader.hpp>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "csv_oracle.hpp"

namespace cacheline::support {

/// Text for a message: line ends and the like as escapes.
inline std::string shown(std::string_view text) {
    std::string result = "<";
    for (const char c : text) {
        if (c == '\n')
            result += "\\n";
        else if (c == '\r')
            result += "\\r";
        else if (c == '\0')
            result += "\\0";
        else
            result += c;
    }
    return result + ">";
}

inline std::string shown(CsvPosition where) {
    return "line " + std::to_string(where.line) + ", column " + std::to_string(where.column);
}

inline bool lies_in(std::string_view part, std::string_view whole) {
    return std::less_equal<>()(whole.data(), part.data()) &&
           std::less_equal<>()(part.data() + part.size(), whole.data() + whole.size());
}

/// Compares what a CsvReader says of a text with what the text means: fields, errors, copies.
/// Returns what is wrong, or nothing. Todo and foreign exceptions go to the caller.
inline std::string check_csv(std::string_view text, char delimiter = ',') {
    const CsvMeaning meaning = read_csv_plainly(text, delimiter);
    CsvReader csv(text, delimiter);
    std::size_t outside = 0;
    for (const auto& expected : meaning.records) {
        const std::string here = "record " + std::to_string(&expected - meaning.records.data());
        try {
            if (!csv.next()) return here + " is missing";
        } catch (const CsvError& error) {
            return here + ": " + error.what();
        }
        if (csv.size() != expected.size())
            return here + " has " + std::to_string(csv.size()) + " fields, not " +
                   std::to_string(expected.size());
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (csv[i] != expected[i])
                return here + ", field " + std::to_string(i) + " is " + shown(csv[i]) + ", not " +
                       shown(expected[i]);
            if (!lies_in(csv[i], text)) outside += csv[i].size();
        }
    }
    for (int again = 0; again < 2; ++again) {
        try {
            if (csv.next()) return "a record too many";
            if (meaning.fault) return "no error, instead of one at " + shown(*meaning.fault);
        } catch (const CsvError& error) {
            if (!meaning.fault) return std::string("an error in a good text: ") + error.what();
            if (error.where() != *meaning.fault)
                return std::string(error.what()) + ", instead of an error at " +
                       shown(*meaning.fault);
        }
    }
    // One with doubled quotes must be copied, and nothing else may.
    if (outside != meaning.unescaped || csv.bytes_copied() != meaning.unescaped)
        return "bytes_copied is " + std::to_string(csv.bytes_copied()) + ", and " +
               std::to_string(outside) + " bytes of the fields lie outside of the text, not " +
               std::to_string(meaning.unescaped);
    return "";
}

}  // namespace cacheline::support
