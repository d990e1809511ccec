// attack: fills its report with millions of events, to exhaust the grader
// stopped by: the size that a report may have
// soundly
// ends as: failed

#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

namespace cacheline {

inline int answer() {
    std::string block;
    while (block.size() < (1 << 20))
        block += "{}\n";
    std::ofstream out(std::getenv("CACHELINE_REPORT"), std::ios::app);
    for (int i = 0; i < 200; ++i)
        out << block;
    out.flush();
    std::_Exit(0);
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
