#include "bench/machine.hpp"

#include <algorithm>
#include <fstream>
#include <thread>

#include "files.hpp"
#include "process.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

std::string first_line(const fs::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

std::string cpu_name() {
    for (const std::string& line : lines_of(read_file("/proc/cpuinfo")))
        if (line.starts_with("model name"))
            if (const std::size_t colon = line.find(": "); colon != std::string::npos)
                return line.substr(colon + 2);
    return {};
}

// "48K" or "2M".
std::size_t bytes_of(const std::string& text) {
    if (text.empty()) return 0;
    const std::size_t count = std::strtoull(text.c_str(), nullptr, 10);
    switch (text.back()) {
        case 'K':
            return count << 10;
        case 'M':
            return count << 20;
        default:
            return count;
    }
}

}  // namespace

Machine this_machine(const std::string& compiler) {
    Machine machine{.cpu = cpu_name(), .cores = std::max(1U, std::thread::hardware_concurrency())};
    std::error_code none;
    for (const auto& entry : fs::directory_iterator("/sys/devices/system/cpu/cpu0/cache", none)) {
        const std::string level = first_line(entry.path() / "level");
        if (level.empty()) continue;
        machine.caches.push_back({.level = std::stoi(level),
                                  .bytes = bytes_of(first_line(entry.path() / "size")),
                                  .type = first_line(entry.path() / "type")});
    }
    std::ranges::sort(machine.caches, [](const Cache& a, const Cache& b) {
        return std::pair(a.level, a.type) < std::pair(b.level, b.type);
    });
    const Outcome outcome =
        run({.arguments = {compiler, "--version"}, .environment = {"PATH=/usr/bin:/bin"}});
    machine.compiler = outcome.output.substr(0, outcome.output.find('\n'));
    return machine;
}

}  // namespace cacheline::grader
