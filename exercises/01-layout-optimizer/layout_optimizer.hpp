#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record.hpp"
#include "target.hpp"

namespace cacheline {

// All functions are safe to call from several threads at once, `save` also with one path. `place`
// tells bad records from good ones, and the others throw what it throws.

// ---- place -----------------------------------------------------------------------------------

struct FieldLayout {
    std::string name;
    std::uint64_t offset = 0;          ///< bytes from the start of the record to its first byte
    std::uint64_t size = 0;            ///< bytes that hold it: of all its elements, 0 if flexible
    std::uint64_t align = 1;           ///< that it has as a field of this record
    std::uint64_t padding_before = 0;  ///< whole bytes left empty between the field before and this

    // Of a bit-field. Bits count as the target fills its bytes: the first bit is the least
    // significant one of its byte on little-endian targets, the most significant one on s390x.
    std::uint64_t bit_offset = 0;  ///< of its first bit in the byte at `offset`: 0 to 7
    std::uint64_t bits = 0;        ///< its width

    std::uint64_t bit_padding_before = 0;  ///< bits left empty besides, behind a bit-field: 0 to 7

    friend bool operator==(const FieldLayout&, const FieldLayout&) = default;
};

struct Layout {
    std::vector<FieldLayout> fields;     ///< in the record's order
    std::uint64_t size = 0;              ///< sizeof; a multiple of `align`, so that arrays work
    std::uint64_t align = 1;             ///< alignof
    std::uint64_t tail_padding = 0;      ///< whole bytes left empty behind the last field
    std::uint64_t cache_lines = 0;       ///< touched by a record that starts at the start of a line
    std::uint64_t last_line_bytes = 0;   ///< of them, on the last of these lines
    std::uint64_t tail_bit_padding = 0;  ///< bits left empty besides, behind a bit-field: 0 to 7

    /// All bytes of this record that no field of it uses; holes in nested records are theirs.
    [[nodiscard]] std::uint64_t padding() const {
        std::uint64_t sum = tail_padding;
        for (const FieldLayout& field : fields)
            sum += field.padding_before;
        return sum;
    }
    /// All bits of it that no field uses, in bytes that hold a bit-field.
    [[nodiscard]] std::uint64_t bit_padding() const {
        std::uint64_t sum = tail_bit_padding;
        for (const FieldLayout& field : fields)
            sum += field.bit_padding_before;
        return sum;
    }
    /// The gaps between fields that have whole bytes; the padding at the end is none of them.
    [[nodiscard]] std::size_t holes() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            fields, [](const FieldLayout& field) { return field.padding_before != 0; }));
    }
    /// The gaps between fields that have bits besides.
    [[nodiscard]] std::size_t bit_holes() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            fields, [](const FieldLayout& field) { return field.bit_padding_before != 0; }));
    }
    friend bool operator==(const Layout&, const Layout&) = default;
};

/// Where the target's C compiler puts each field: in the order given, each at the next offset that
/// is a multiple of its alignment. An array is aligned like one element, a nested record like its
/// most aligned field; the members of `Field` and `Record` say what else counts. The fields of a
/// union all start at 0, without padding between them: what lies behind the longest is its tail
/// padding. A bit-field has the alignment that it gives the record; what is empty between two
/// fields are whole bytes and, in the byte of a bit-field before, up to seven bits.
///
/// Throws std::invalid_argument, with the names of record and field in its message, for
///  - a record without fields, or of bit-fields without names alone (C forbids it, C++ gives the
///    first size 1: there is nothing to lay out),
///  - an array of no elements,
///  - a type that the target has not (`Target::find`), that is not known for it (`known_on`), or
///    that was moved from,
///  - an alignment that is neither 0 nor a power of two,
///  - a bit-field or a flexible array that is not as `Field` says;
/// and std::length_error, with the name of the record that is too large in its message, where a
/// field or a record is larger than `Target::max_size()`. So does a nested record at any depth.
/// Linear time: a nested record that several fields share counts once.
[[nodiscard]] Layout place(const Record& record, const Target& target);

// ---- reorder ---------------------------------------------------------------------------------

/// The same record with its fields in an order that makes it as small as any order can. Nothing but
/// the order changes: arrays and nested records stay whole, and so do all marks.
///  - A record that is as small as it can be comes back as it is, and so does a union.
///  - Fields of equal size and equal alignment (as `place` gives them) keep their order, but for
///    bit-fields.
///  - A flexible array stays the last.
///  - A run of bit-fields, those next to each other, moves as one field, in its order. No two runs
///    come next to each other: they would become one memory location, and what two threads may
///    write before would be a data race.
///
/// The size is the least possible for any number of fields when the size of each is a multiple of
/// its alignment, as it is but for `min_align`, packing and bit-fields; and for up to 12 fields in
/// any case. A run counts as one.
[[nodiscard]] Record reorder(const Record& record, const Target& target);

// ---- share -----------------------------------------------------------------------------------

/// The same record with its fields in an order, as in `reorder`, and some alignments raised, such
/// that
///  1. no cache line holds bytes of two fields that different threads write. Where two threads or
///     more write to the record, its alignment is at least a line: else the offsets would not say
///     which bytes share a line, and neighbours in an array would share one;
///  2. it is as small as 1 allows;
///  3. its hot fields lie on as few lines as 1 and 2 allow, for a record that starts a line.
/// Fields that nobody writes may lie on anyone's line, so they can fill the gaps. What is raised is
/// the `min_align` of fields or that of the record itself, whichever you like, and only ever to the
/// line's size. A record of which all that holds comes back as it is, and so does a union, whose
/// fields share their bytes on purpose.
///
/// A run of bit-fields counts as one field here, from its first bit-field with a bit to the last:
/// to write one may be to write them all. It is hot where one of them is. Where several threads
/// write to one run, nothing keeps those apart, but 1 holds between it and all other fields. Of a
/// flexible array, the byte at its offset counts. Where `Record::pack` keeps fields from starting a
/// line, alignments are not raised; if no order keeps the writers apart, the record comes back as
/// it is.
///
/// Holds for up to 12 fields, a run counting as one. For more, 1 holds, and the result is small but
/// may not be the smallest: no larger than with each thread's fields in a group of their own that
/// starts a line, sorted by alignment, and the others behind each group as long as the largest that
/// fits does fit; with at most one writer no larger than `reorder` makes it.
[[nodiscard]] Record separate(const Record& record, const Target& target);

// ---- advise ----------------------------------------------------------------------------------

enum class FindingKind {
    /// `separate` makes the record smaller. fields: all, in that order; bytes: saved.
    kReorder,
    /// A hot field, no larger than a line, lies on two of them. fields: it;
    /// bytes: of it that lie on the second line.
    kCrossesLine,
    /// The record is larger than a line and has hot and cold fields, and the hot fields lie on more
    /// lines than they would in a record of their own (as `separate` makes it). fields: the cold
    /// ones, to be moved out, in the record's order; bytes: by which that record is smaller.
    kSplit,
    /// Different threads write the two fields, and they may share a cache line. fields: the two, in
    /// the record's order; bytes: from the start of the one to the start of the other.
    kFalseSharing,
    /// There is nothing to do. No fields, 0 bytes; always the only finding.
    kNothing,
};

/// "reorder", "crosses-line", "split", "false-sharing", "nothing".
[[nodiscard]] constexpr std::string_view name(FindingKind kind) {
    switch (kind) {
        case FindingKind::kReorder:
            return "reorder";
        case FindingKind::kCrossesLine:
            return "crosses-line";
        case FindingKind::kSplit:
            return "split";
        case FindingKind::kFalseSharing:
            return "false-sharing";
        case FindingKind::kNothing:
            return "nothing";
    }
    return "";
}

struct Finding {
    FindingKind kind = FindingKind::kNothing;
    std::vector<std::string> fields{};
    std::uint64_t bytes = 0;
    std::string text{};  ///< a sentence for people that names the fields and the bytes

    friend bool operator==(const Finding&, const Finding&) = default;
};

/// What is worth changing: the findings of each kind that apply, in the order of the enum, those of
/// one kind in the order of their fields, or else the one finding kNothing. Of a union that is
/// always kNothing.
///
/// Lines are counted from the start of the record, but two fields *may* share a line when that
/// happens at any start address that is a multiple of the record's alignment: 60 bytes apart in a
/// record of alignment 4 they may, whatever their offsets; 64 bytes apart they may not. As in
/// `separate`, a bit-field has the bytes of its whole run there, so that two bit-fields of one run
/// share a line in any case, and of a flexible array the byte at its offset counts. To split hot
/// from cold parts no run: all of it stays where one of it is hot.
[[nodiscard]] std::vector<Finding> review(const Record& record, const Target& target);

// ---- report ----------------------------------------------------------------------------------

/// All that is known of one record.
struct Analysis {
    Record record;
    Layout layout;
    Record proposed;  ///< by `separate`
    Layout proposed_layout;
    std::vector<Finding> findings;  ///< by `review`

    /// Bytes that the proposal saves, of each object; 0 where it is no smaller.
    [[nodiscard]] std::uint64_t saved() const {
        return layout.size > proposed_layout.size ? layout.size - proposed_layout.size : 0;
    }
    /// `saved` as a share of the size: 0 for a record that is well made, never 1.
    [[nodiscard]] double score() const {
        return static_cast<double>(saved()) / static_cast<double>(layout.size);
    }
};

/// Analyses records for one target and reports on them.
class LayoutReport {
public:
    explicit LayoutReport(const Target& target) : target_(target) {}

    /// Analyses a record and appends it. What throws leaves the report as it was.
    void add(const Record& record);
    /// Many at once: all or, when one throws, none.
    void add(std::span<const Record> records);

    [[nodiscard]] const Target& target() const { return target_; }
    [[nodiscard]] const std::vector<Analysis>& analyses() const { return analyses_; }

    /// For people. The target's name and line; a table with a row for each record, in the order in
    /// which they were added: name, size, proposed size, bytes saved, score in percent with one
    /// decimal (`| Order | 24 | 16 | 8 | 33.3% |`), without thousands separators; then for each
    /// record a heading `## name`, a table of its fields with their offsets, sizes, alignments and
    /// padding, the sentences of its findings, and, where the proposal differs, its declaration. A
    /// `|` in a name is written `\|` in the tables, so that they keep their columns, and a line end
    /// in a name is a space everywhere (`on_one_line`). Above the fields' table stands what the
    /// layout counts: lines and the bytes on the last of them, holes and bytes of padding, and bit
    /// holes and bits of padding where there are any. A bit-field's offset is written 4:3, its byte
    /// and its first bit in it.
    [[nodiscard]] std::string markdown() const;

    /// For programs. An object with
    ///     "target":  {"name", "cache_line"},
    ///     "records": [{"name", "size", "align", "padding", "tail_padding", "cache_lines",
    ///                  "saved", "score",
    ///                  "fields":   [{"name", "type", "count", "offset", "size", "align",
    ///                                "padding_before"}],
    ///                  "proposed": {"size", "align", "fields": [the same]},
    ///                  "findings": [{"kind", "fields", "bytes", "text"}]}]
    /// where "type" is `name(type)` and "kind" `name(kind)`. A field that is a bit-field also has
    /// "bit_offset" and "bits", a record with such a field "bit_padding", and a flexible array has
    /// the "count" 0. Valid JSON (RFC 8259) in UTF-8 whatever bytes the names hold and whatever the
    /// program's locale: a byte that belongs to no UTF-8 becomes U+FFFD.
    [[nodiscard]] std::string json() const;

    /// Writes `json()` to a path that ends in ".json", a name of that alone included, `markdown()`
    /// to any other. The file appears whole or not at all: when it can't be written, a file that
    /// was there before is as it was. Until then the text stands in a file of the same folder, as
    /// only that can be renamed on every system, with a name that is free: no other file is written
    /// to, and none is left behind. Any name that the file system takes is good, however long; what
    /// threads or programs save to one path at once is there from one of them, whole. Throws
    /// std::filesystem::filesystem_error with `path` as path1().
    void save(const std::filesystem::path& path) const;

private:
    Target target_;
    std::vector<Analysis> analyses_;
};

}  // namespace cacheline
