#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace cacheline::grader {

struct Command {
    std::vector<std::string> arguments;    ///< the program's path first
    std::vector<std::string> environment;  ///< "NAME=value"; nothing else is inherited
    std::filesystem::path directory;       ///< where it starts
    std::chrono::milliseconds limit{60'000};
    /// Kernels that randomise more address bits than ThreadSanitizer's shadow allows for (Ubuntu
    /// 24.04's do) would end it at its start.
    bool fixed_addresses = false;
    /// Bytes that the process and all its descendants may keep resident together; 0 is no limit.
    std::size_t memory = 0;
    /// Descriptors that the program has as kHandedOn, kHandedOn + 1, …; it has no others.
    std::vector<int> handed_on;
};

inline constexpr int kHandedOn = 3;

struct Outcome {
    int exit_code = -1;  ///< valid if `signal` is 0
    int signal = 0;
    bool timed_out = false;
    bool flooded = false;          ///< ended for printing more than kMostOutput
    bool overgrown = false;        ///< ended for more resident memory than it may have
    std::string output;            ///< the first kKeptOutput bytes of stdout and stderr
    std::size_t output_bytes = 0;  ///< how many there were
    std::chrono::milliseconds wall{0};

    [[nodiscard]] bool over_a_limit() const { return timed_out || flooded || overgrown; }
    [[nodiscard]] bool ok() const { return exit_code == 0 && signal == 0 && !over_a_limit(); }
};

inline constexpr std::size_t kKeptOutput = 256 << 10;
inline constexpr std::size_t kMostOutput = 64 << 20;

/// Runs a program in a process group of its own, without standard input, and kills the whole group
/// when its time is up or it prints without end, and whatever is left of it when it ends. Throws
/// std::system_error where it can't be started. Safe to call from several threads.
Outcome run(const Command& command);

}  // namespace cacheline::grader
