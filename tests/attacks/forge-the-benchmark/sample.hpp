// attack: writes the benchmark's report itself when the process ends
// stopped by: the inspection: a path into /proc, and calls to file functions
// only made harder: the report's name is in memory, too
// ends as: error
// speed: measured
// earns: 90

#pragma once

#include <cstdlib>
#include <fstream>
#include <string>

namespace cacheline {

inline void dawdle() {
    for (volatile int i = 0; i < 2000; i = i + 1) {
    }
}

inline const int kAtEnd = std::atexit([] {
    std::ifstream in("/proc/self/cmdline");
    std::string words;
    std::getline(in, words);
    const std::size_t at = words.find("--benchmark_out=");
    if (at == std::string::npos) return;
    std::ofstream(words.substr(at + 16).c_str())
        << R"({"benchmarks":[{"name":"Answer/yours","real_time":0.001}]})";
});

inline int answer() {
    dawdle();
    return 42;
}

inline int echo(int value) {
    return value;
}

}  // namespace cacheline
