#pragma once

#include <cacheline/todo.hpp>
#include <concepts>
#include <cstddef>
#include <csv_scan.hpp>
#include <parse_errors.hpp>
#include <string>
#include <string_view>

namespace cacheline {

/// Reads CSV (RFC 4180) in place: stands on one record at a time and shows its fields as views.
///
///     CsvReader csv(text);
///     while (csv.next()) total += csv[2].size();
///
/// The format:
/// - The text is UTF-8, or any other encoding in which the bytes of ASCII mean ASCII. A byte order
///   mark (EF BB BF) at its very start is not part of the first field; anywhere else it is text.
/// - Records end at LF or CR LF, mixed as they come; the last one's line end may be missing. A line
///   end at the end of the text starts no further record; an empty text has none, and neither has
///   a lone byte order mark. An empty line is a record of one empty field.
/// - CR in any other place is a byte like others: CR alone ends no record, and of CR CR LF the
///   first belongs to the field. A Ctrl-Z (1A) at the end is a byte like others, too.
/// - Fields are separated by the delimiter; they may be empty, and records may differ in length.
/// - A field may stand in quotes ("), and then hold delimiters, line ends and doubled quotes, which
///   stand for one. Spaces count: nothing is trimmed. Any byte may stand in a field, NUL too.
/// - Errors: a quote inside a field that does not start with one (where: that quote), anything
///   but a separator or a line end behind a closing quote (where: that byte), a quote that is
///   never closed (where: the opening one), and a text that starts with the byte order mark of
///   UTF-16, FF FE or FE FF (where: line 1, column 1).
///
/// Fields are views into the text, without their quotes; only a field with doubled quotes is
/// copied. They are valid as long as the text and the reader are. No byte outside the text is read.
///
/// Memory: at most 64 allocations, for any number of records, and 256 KiB plus 64 bytes for each
/// field of the longest record. The copies of fields with doubled quotes count for neither: they
/// come on top. A record may have up to 2 GiB.
class CsvReader {
public:
    /// Reads nothing yet. Throws std::invalid_argument where the delimiter is a quote, CR or LF.
    /// The text of a string that is about to die is refused: that does not compile.
    explicit CsvReader(std::string_view /*text*/, char /*delimiter*/ = ',') { todo("CsvReader"); }
    template <std::same_as<std::string> String>
    explicit CsvReader(const String&&, char = ',') = delete;

    CsvReader(const CsvReader&) = delete;
    CsvReader& operator=(const CsvReader&) = delete;

    /// Goes to the next record; false at the end of the text, and from then on.
    ///
    /// Throws CsvError where that record is wrong, when all records before it have been read, and
    /// again on every further call. Where memory runs out it throws std::bad_alloc, and a further
    /// call tries that record again. After either there is no current record, and bytes_copied is
    /// as before.
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

    /// Where the first byte of field `field`, from 0 to size() - 1, stands in the text (its quote,
    /// if it has one). This may take time proportional to the text before it.
    [[nodiscard]] CsvPosition where(std::size_t /*field*/) const { todo("CsvReader::where"); }

    /// Bytes that had to be copied so far: the sizes of all fields with doubled quotes in the
    /// records that `next` has gone to.
    [[nodiscard]] std::size_t bytes_copied() const { todo("CsvReader::bytes_copied"); }

private:
    // Yours. A plain loop over the bytes earns the step "parse"; csv_scan.hpp is for the step
    // "speed".
};

}  // namespace cacheline
