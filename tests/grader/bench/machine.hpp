#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace cacheline::grader {

struct Cache {
    int level = 0;
    std::size_t bytes = 0;
    std::string type;  ///< "Data", "Instruction", "Unified"
};

/// What a figure can't be understood without.
struct Machine {
    std::string cpu;
    unsigned cores = 1;
    std::vector<Cache> caches;  ///< of the first core
    std::string compiler;       ///< the first line of its --version
};

/// Reads /proc and /sys; what they do not tell stays empty.
Machine this_machine(const std::string& compiler);

}  // namespace cacheline::grader
