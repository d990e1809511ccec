#pragma once

#include <cacheline/todo.hpp>
#include <cstddef>
#include <csv_scan.hpp>
#include <parse_errors.hpp>
#include <string_view>

namespace cacheline {

/// Reads CSV (RFC 4180) in place: stands on one record at a time and shows its fields as views.
///
///     CsvReader csv(text);
///     while (csv.next()) total += csv[2].size();
///
/// The format:
/// - Records end at LF or CR LF, mixed as they come; the last one's line end may be missing. A line
///   end at the end of the text starts no further record; an empty text has none. An empty line is
///   a record of one empty field. CR in any other place is a byte like others.
/// - Fields are separated by the delimiter; they may be empty, and records may differ in length.
/// - A field may stand in quotes ("), and then hold delimiters, line ends and doubled quotes, which
///   stand for one. Spaces count: nothing is trimmed. Any byte may stand in a field, NUL too.
/// - Errors: a quote inside a field that does not start with one (where: that quote), anything but
/// a
///   separator or a line end behind a closing quote (where: that byte), a quote that is never
///   closed (where: the opening one).
///
/// Fields are views into the text, without their quotes; only a field with doubled quotes is
/// copied. They are valid as long as the text and the reader are. No byte outside the text is read.
///
/// Memory: at most 64 allocations, for any number of records, and 256 KiB plus 64 bytes for each
/// field of the longest record; fields with doubled quotes come on top. A record may have up to 2
/// GiB.
class CsvReader {
public:
    /// Reads nothing yet. Throws std::invalid_argument where the delimiter is a quote, CR or LF.
    explicit CsvReader(std::string_view /*text*/, char /*delimiter*/ = ',') { todo("CsvReader"); }

    CsvReader(const CsvReader&) = delete;
    CsvReader& operator=(const CsvReader&) = delete;

    /// Goes to the next record; false at the end of the text, and from then on.
    ///
    /// Throws CsvError where that record is wrong, when all records before it have been read, and
    /// again on every further call.
    bool next() { todo("CsvReader::next"); }

    /// The number of fields of the current record; 0 where there is none.
    [[nodiscard]] std::size_t size() const { todo("CsvReader::size"); }

    /// Field `field`, from 0 to size() - 1, of the current record.
    [[nodiscard]] std::string_view operator[](std::size_t /*field*/) const {
        todo("CsvReader::operator[]");
    }

    /// The same; throws CsvError with the record's place where there is no such field. There must
    /// be a current record.
    [[nodiscard]] std::string_view at(std::size_t /*field*/) const { todo("CsvReader::at"); }

    /// Where the field's first byte (its quote, if it has one) stands in the text. This may take
    /// time proportional to the text before it.
    [[nodiscard]] CsvPosition where(std::size_t /*field*/) const { todo("CsvReader::where"); }

    /// Bytes that had to be copied so far: the sizes of all fields with doubled quotes in the
    /// records that `next` has gone to.
    [[nodiscard]] std::size_t bytes_copied() const { todo("CsvReader::bytes_copied"); }

private:
    // Yours. A plain loop over the bytes earns the step "parse"; csv_scan.hpp is for the step
    // "speed".
};

}  // namespace cacheline
