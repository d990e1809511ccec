#pragma once

// How small a record that is half laid out can still become.

#include <algorithm>
#include <cstdint>
#include <map>

#include "blocks.hpp"
#include "cursor.hpp"

namespace cacheline::layout_detail {

/// The blocks that are still to be placed, writer by writer.
class Outlook {
public:
    explicit Outlook(std::uint64_t line) : line_(line) {}

    void add(Writer writer, std::uint64_t bytes) {
        total_ += bytes;
        if (writer != kNobody && bytes != 0) of_writer_[writer] += bytes;
    }

    /// No order has fewer lines, if what is placed ends there, on a line of that writer: each
    /// writer needs lines of its own, and all together need room for their bytes.
    [[nodiscard]] std::uint64_t lines(std::uint64_t end, Writer writer) const {
        const std::uint64_t begun = round_up(end, line_);
        const std::uint64_t room = begun - end;
        std::uint64_t of_writers = 0;
        std::uint64_t saved = 0;
        for (const auto& [other, bytes] : of_writer_) {
            const std::uint64_t alone = lines_for(bytes);
            of_writers += alone;
            // The line that is begun may be gone on with by its writer, or by any if it has none.
            if (!clash(writer, other) || writer == other)
                saved = std::max(saved, alone - lines_for(bytes - std::min(bytes, room)));
        }
        const std::uint64_t of_bytes = lines_for(total_ - std::min(total_, room));
        return begun / line_ + std::max(of_writers - saved, of_bytes);
    }

private:
    [[nodiscard]] std::uint64_t lines_for(std::uint64_t bytes) const {
        return bytes / line_ + (bytes % line_ == 0 ? 0 : 1);
    }

    std::uint64_t line_;
    std::uint64_t total_ = 0;
    std::map<Writer, std::uint64_t> of_writer_;
};

}  // namespace cacheline::layout_detail
