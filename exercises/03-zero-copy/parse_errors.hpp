#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace cacheline {

/// A place in a text, as editors count: the first byte is line 1, column 1. A line ends behind each
/// LF, also behind one inside quotes; columns count bytes. A byte order mark (EF BB BF) at the
/// start of the text is not counted: line 1, column 1 is the byte behind it.
struct CsvPosition {
    std::size_t line = 1;
    std::size_t column = 1;

    bool operator==(const CsvPosition&) const = default;
};

/// What is wrong in a CSV text, and where: "line 3, column 7: this quote is never closed".
class CsvError : public std::runtime_error {
public:
    CsvError(CsvPosition where, const std::string& what)
        : std::runtime_error("line " + std::to_string(where.line) + ", column " +
                             std::to_string(where.column) + ": " + what),
          where_(where) {}

    [[nodiscard]] CsvPosition where() const noexcept { return where_; }

private:
    CsvPosition where_;
};

/// What is wrong with a run of binary records, and at which byte.
class RecordError : public std::runtime_error {
public:
    RecordError(std::size_t offset, const std::string& what)
        : std::runtime_error("byte " + std::to_string(offset) + ": " + what), offset_(offset) {}

    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

private:
    std::size_t offset_;
};

}  // namespace cacheline
