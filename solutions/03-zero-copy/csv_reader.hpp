#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
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
/// The reader works in two passes over windows small enough for the first-level cache. The first
/// (scan_csv) lists the separators' positions; the second is `next`, which only has to look up
/// where the record ends, and `operator[]`, which subtracts two neighbours. Nothing is stored for a
/// field but its end.
class CsvReader {
public:
    explicit CsvReader(std::string_view text, char delimiter = ',')
        : text_(text), base_(text.data()), delimiter_(delimiter) {
        if (delimiter == '"' || delimiter == '\n' || delimiter == '\r')
            throw std::invalid_argument("a quote or a line end cannot be the delimiter");
        window_ = std::min((text.size() + kBlock - 1) / kBlock * kBlock, kLargestWindow);
        separators_.resize(1 + window_ + detail::CsvScan::kSlack);
        records_.resize(window_ + 1 + detail::CsvScan::kSlack);
        separators_[0] = kBeforeFirst;
    }

    CsvReader(const CsvReader&) = delete;  // fields may lie in copies_
    CsvReader& operator=(const CsvReader&) = delete;

    bool next() {
        if (trimmed_) ++separators_[last_];
        trimmed_ = false;
        size_ = 0;
        if (record_ == record_count_ && !refill()) return false;
        const std::uint32_t entry = records_[record_++];
        const std::uint32_t last = entry & ~detail::CsvScan::kDoubledQuote;
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

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] std::string_view operator[](std::size_t field) const noexcept {
        return fields_ == nullptr ? stripped(field) : fields_[field];
    }

    [[nodiscard]] std::string_view at(std::size_t field) const {
        if (field >= size_)
            throw CsvError(where(0), "field " + std::to_string(field) +
                                         " was asked for, the record has " + std::to_string(size_) +
                                         " fields");
        return (*this)[field];
    }

    [[nodiscard]] CsvPosition where(std::size_t field) const {
        return position(base_ + begin_of(field));
    }

    [[nodiscard]] std::size_t bytes_copied() const noexcept { return bytes_copied_; }

private:
    static constexpr std::size_t kBlock = 64;
    static constexpr std::size_t kLargestWindow = 4 * 1024;
    static constexpr std::size_t kLargestRecord = std::size_t{1} << 31;
    /// The separator "before" the first field: one more is 0.
    static constexpr std::uint32_t kBeforeFirst = std::numeric_limits<std::uint32_t>::max();

    // Behind the separator before it.
    std::uint32_t begin_of(std::size_t field) const noexcept { return (ends_ + field)[-1] + 1; }

    // The field without its quotes; `""` inside stays.
    std::string_view stripped(std::size_t field) const noexcept {
        const std::uint32_t begin = begin_of(field);
        const std::uint32_t size = ends_[field] - begin;
        const char* const first = base_ + begin;
        if (size != 0 && *first == '"') return {first + 1, size - 2};
        return {first, size};
    }

    // All fields of a record with doubled quotes. The only place that copies.
    const std::string_view* unescape() {
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
                bytes_copied_ += raw.size();
            }
            unescaped_.push_back(raw);
        }
        return unescaped_.data();
    }

    // Scans until at least one more record is complete; false at the end of the text.
    bool refill() {
        if (finished_) return false;
        restart_at_unfinished_record();
        while (record_count_ == 0) {
            if (scan_.fault) throw explain();
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
        const std::size_t needed = 1 + count_ + window_ + detail::CsvScan::kSlack;
        if (separators_.size() < needed) separators_.resize(2 * needed);

        scan_.first = separators_.data();
        scan_.separators = separators_.data() + 1 + count_;
        scan_.records = records_.data();
        scanned_ += size;
        detail::scan_csv(from, size, scanned_ < text_.size() ? text_[scanned_] : '\0',
                         static_cast<std::uint32_t>(position), delimiter_, scan_);
        count_ = static_cast<std::uint32_t>(scan_.separators - separators_.data() - 1);
        record_count_ = static_cast<std::size_t>(scan_.records - records_.data());
    }

    // The last record may lack its line end.
    bool finish() {
        if (scan_.inside != 0) throw explain();
        finished_ = true;
        if (base_ == text_.data() + text_.size()) return false;
        separators_[++count_] = static_cast<std::uint32_t>(text_.data() + text_.size() - base_);
        records_[record_count_++] = count_ | (scan_.doubled ? detail::CsvScan::kDoubledQuote : 0);
        return true;
    }

    // The scan knows only that the record at base_ is wrong. To say what and where may take its
    // time.
    CsvError explain() const {
        const char* const end = text_.data() + text_.size();
        const char* at = base_;
        while (true) {
            if (at != end && *at == '"') {
                const char* const opening = at;
                do {  // each round ends behind a closing quote; a quote right there is a doubled
                      // one
                    at = std::find(at + 1, end, '"');
                    if (at == end) return {position(opening), "this quote is never closed"};
                } while (++at != end && *at == '"');
                const bool line_end = end - at > 1 && at[0] == '\r' && at[1] == '\n';
                if (*at != delimiter_ && *at != '\n' && !line_end)
                    return {position(at), "text behind a closing quote"};
            } else {
                while (*at != delimiter_ && *at != '"')
                    ++at;
                if (*at == '"') return {position(at), "a quote inside a field that is not quoted"};
            }
            ++at;  // behind the delimiter, or the CR
        }
    }

    CsvPosition position(const char* at) const {
        const std::string_view before(text_.data(), static_cast<std::size_t>(at - text_.data()));
        const auto lines = static_cast<std::size_t>(std::ranges::count(before, '\n'));
        return {lines + 1, before.size() - (before.rfind('\n') + 1) + 1};
    }

    std::string_view text_;
    const char* base_;  ///< the byte that positions count from
    char delimiter_;
    std::size_t window_;
    std::size_t scanned_ = 0;
    bool finished_ = false;
    detail::CsvScan scan_;

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
