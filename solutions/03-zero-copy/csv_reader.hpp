#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <csv_fault.hpp>
#include <csv_scan.hpp>
#include <limits>
#include <memory_resource>
#include <parse_errors.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

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
//
// The reader works in two passes over windows small enough for the first-level cache. The first
// (scan_csv) lists the separators' positions; the second is `next`, which only has to look up where
// the record ends, and `operator[]`, which subtracts two neighbours. Nothing is stored for a field
// but its end.
class CsvReader {
public:
    /// Reads nothing yet. Throws std::invalid_argument where the delimiter is a quote, CR or LF.
    /// The text of a string that is about to die is refused: that does not compile.
    explicit CsvReader(std::string_view text, char delimiter = ',')
        : text_(zero_copy_detail::without_byte_order_mark(text)),
          base_(text_.data()),
          delimiter_(delimiter),
          utf16_(zero_copy_detail::is_utf16(text)) {
        if (delimiter == '"' || delimiter == '\n' || delimiter == '\r')
            throw std::invalid_argument("a quote or a line end cannot be the delimiter");
        window_ = std::min((text_.size() + kBlock - 1) / kBlock * kBlock, kLargestWindow);
        separators_.resize(1 + window_ + zero_copy_detail::CsvScan::kSlack);
        records_.resize(window_ + 1 + zero_copy_detail::CsvScan::kSlack);
        separators_[0] = kBeforeFirst;
        scan_.fault = utf16_;
    }
    template <std::same_as<std::string> String>
    explicit CsvReader(const String&&, char = ',') = delete;

    CsvReader(const CsvReader&) = delete;  // fields may lie in copies_
    CsvReader& operator=(const CsvReader&) = delete;

    /// Goes to the next record; false at the end of the text, and from then on.
    ///
    /// Throws CsvError where that record is wrong, when all records before it have been read, and
    /// again on every further call. Where memory runs out it throws std::bad_alloc, and a further
    /// call tries that record again. After either there is no current record, and bytes_copied is
    /// as before.
    bool next() {
        if (trimmed_) ++separators_[last_];
        trimmed_ = false;
        size_ = 0;
        if (record_ == record_count_ && !refill()) return false;
        const std::uint32_t entry = records_[record_++];
        const std::uint32_t last = entry & ~zero_copy_detail::CsvScan::kDoubledQuote;
        ends_ = separators_.data() + last_ + 1;
        size_ = last - last_;
        last_ = last;

        // A CR before the LF belongs to the line end. The separator's entry is moved for as long as
        // the reader stands on this record, so that operator[] has no special case.
        const std::uint32_t end = separators_[last];
        const bool blank = size_ == 1 && end == begin_of(0);
        trimmed_ = !blank && base_[end - 1] == '\r' && base_ + end != text_.data() + text_.size();
        if (trimmed_) --separators_[last];
        fields_ = entry == last ? nullptr : unescape();
        return true;
    }

    /// The number of fields of the current record; 0 where there is none.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Field `field`, from 0 to size() - 1, of the current record.
    [[nodiscard]] std::string_view operator[](std::size_t field) const noexcept {
        return fields_ == nullptr ? stripped(field) : fields_[field];
    }

    /// The same; throws CsvError with the record's place where there is no such field. There must
    /// be a current record.
    [[nodiscard]] std::string_view at(std::size_t field) const {
        if (field >= size_)
            throw CsvError(where(0), "field " + std::to_string(field) +
                                         " was asked for, the record has " + std::to_string(size_) +
                                         " fields");
        return (*this)[field];
    }

    /// Where the first byte of field `field`, from 0 to size() - 1, stands in the text (its quote,
    /// if it has one). This may take time proportional to the text before it.
    [[nodiscard]] CsvPosition where(std::size_t field) const {
        return zero_copy_detail::csv_position(text_, offset_of_record() + begin_of(field));
    }

    /// Bytes that had to be copied so far: the sizes of all fields with doubled quotes in the
    /// records that `next` has gone to.
    [[nodiscard]] std::size_t bytes_copied() const noexcept { return bytes_copied_; }

private:
    static constexpr std::size_t kBlock = 64;
    static constexpr std::size_t kLargestWindow = 4 * 1024;
    static constexpr std::size_t kLargestRecord = std::size_t{1} << 31;
    /// The separator "before" the first field: one more is 0.
    static constexpr std::uint32_t kBeforeFirst = std::numeric_limits<std::uint32_t>::max();

    // Behind the separator before it.
    std::uint32_t begin_of(std::size_t field) const noexcept { return (ends_ + field)[-1] + 1; }

    std::size_t offset_of_record() const noexcept {
        return static_cast<std::size_t>(base_ - text_.data());
    }

    // The field without its quotes; `""` inside stays.
    std::string_view stripped(std::size_t field) const noexcept {
        const std::uint32_t begin = begin_of(field);
        const std::uint32_t size = ends_[field] - begin;
        const char* const first = base_ + begin;
        if (size != 0 && *first == '"') return {first + 1, size - 2};
        return {first, size};
    }

    // All fields of a record with doubled quotes. The only place that copies. Not inlined, as
    // `next` is the faster without it: it needs fewer registers.
    [[gnu::noinline]] const std::string_view* unescape() {
        try {
            std::size_t copied = 0;
            unescaped_.clear();
            for (std::size_t field = 0; field < size_; ++field) {
                std::string_view raw = stripped(field);
                if (raw.find('"') != std::string_view::npos) {
                    char* const copy = static_cast<char*>(copies_.allocate(raw.size(), 1));
                    char* end = copy;
                    for (std::size_t i = 0; i < raw.size(); ++i) {
                        *end++ = raw[i];
                        if (raw[i] == '"') ++i;
                    }
                    raw = {copy, end};
                    copied += raw.size();
                }
                unescaped_.push_back(raw);
            }
            bytes_copied_ += copied;
            return unescaped_.data();
        } catch (...) {
            step_back();
            throw;
        }
    }

    // As if `next` had not gone to this record, which the next call will find again.
    void step_back() noexcept {
        if (trimmed_) ++separators_[last_];
        trimmed_ = false;
        last_ -= static_cast<std::uint32_t>(size_);
        size_ = 0;
        --record_;
    }

    // Scans until at least one more record is complete; false at the end of the text.
    bool refill() {
        if (finished_) return false;
        restart_at_unfinished_record();
        while (record_count_ == 0) {
            if (scan_.fault) throw fault();
            if (scanned_ == text_.size()) return finish();
            scan_window();
        }
        return true;
    }

    // Its separators so far move to the front, and positions count from its first byte: 32 bits
    // serve for a text of any length.
    void restart_at_unfinished_record() {
        const std::uint32_t begin = separators_[last_] + 1;
        std::transform(separators_.begin() + last_, separators_.begin() + count_ + 1,
                       separators_.begin(),
                       [begin](std::uint32_t position) { return position - begin; });
        count_ -= last_;
        base_ += begin;
        last_ = 0;
        record_ = record_count_ = 0;
    }

    void scan_window() {
        const std::size_t size = std::min(window_, text_.size() - scanned_);
        const char* const from = text_.data() + scanned_;
        const auto position = static_cast<std::size_t>(from - base_);
        if (position > kLargestRecord) throw std::length_error("a CSV record is larger than 2 GiB");
        const std::size_t needed = 1 + count_ + window_ + zero_copy_detail::CsvScan::kSlack;
        if (separators_.size() < needed) separators_.resize(2 * needed);

        scan_.first = separators_.data();
        scan_.separators = separators_.data() + 1 + count_;
        scan_.records = records_.data();
        scanned_ += size;
        zero_copy_detail::scan_csv(from, size, scanned_ < text_.size() ? text_[scanned_] : '\0',
                                   static_cast<std::uint32_t>(position), delimiter_, scan_);
        count_ = static_cast<std::uint32_t>(scan_.separators - separators_.data() - 1);
        record_count_ = static_cast<std::size_t>(scan_.records - records_.data());
    }

    // The last record may lack its line end.
    bool finish() {
        using zero_copy_detail::CsvScan;
        if (scan_.inside != 0) throw fault();
        finished_ = true;
        if (base_ == text_.data() + text_.size()) return false;
        separators_[++count_] = static_cast<std::uint32_t>(text_.data() + text_.size() - base_);
        records_[record_count_++] = count_ | (scan_.doubled ? CsvScan::kDoubledQuote : 0);
        return true;
    }

    // The scan knows only that the record at base_ is wrong.
    CsvError fault() const {
        if (utf16_) return {{1, 1}, "this text is UTF-16; it must be converted to UTF-8"};
        return zero_copy_detail::csv_fault(text_, offset_of_record(), delimiter_);
    }

    std::string_view text_;
    const char* base_;  ///< the byte that positions count from
    char delimiter_;
    bool utf16_;
    std::size_t window_;
    std::size_t scanned_ = 0;
    bool finished_ = false;
    zero_copy_detail::CsvScan scan_;

    std::vector<std::uint32_t> separators_;  ///< [0]: the one before the first field
    std::uint32_t count_ = 0;                ///< of separators, [0] aside
    std::vector<std::uint32_t> records_;     ///< the index of each record's last separator
    std::size_t record_count_ = 0;
    std::size_t record_ = 0;

    const std::uint32_t* ends_ = nullptr;
    std::size_t size_ = 0;
    std::uint32_t last_ = 0;  ///< the index of the current record's last separator
    bool trimmed_ = false;    ///< that entry points at the CR
    const std::string_view* fields_ = nullptr;  ///< null unless some of them had to be copied
    std::vector<std::string_view> unescaped_;
    std::pmr::monotonic_buffer_resource copies_;
    std::size_t bytes_copied_ = 0;
};

}  // namespace cacheline
