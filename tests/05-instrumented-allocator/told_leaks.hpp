#pragma once

// How a failed check shows leaks and misuse.

#include <allocation_report.hpp>
#include <string>
#include <vector>

namespace cacheline::told {

inline std::string shown(const std::vector<Leak>& leaks) {
    std::string text;
    for (const Leak& leak : leaks)
        text += (text.empty() ? "" : ", ") + leak.tag + ": " + std::to_string(leak.count) + " x " +
                std::to_string(leak.size);
    return text;
}

inline std::string shown(const LeakReport& report) {
    return "leaks: " + shown(report.leaks);
}

inline std::string shown(Misuse::Kind kind) {
    switch (kind) {
        case Misuse::Kind::wrong_size:
            return "wrong_size";
        case Misuse::Kind::wrong_alignment:
            return "wrong_alignment";
        case Misuse::Kind::not_live:
            return "not_live";
    }
    return "none of these";
}

}  // namespace cacheline::told
