#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "process.hpp"

namespace cacheline::grader {

/// What a program of a submission, or a compiler at work on one, may see and use. The system's /usr
/// is always there, read-only; everything else only if it is named here, under its own path.
struct Confinement {
    std::vector<std::filesystem::path> readable;
    std::vector<std::filesystem::path> writable;  ///< must exist
    /// The sanitizers reserve terabytes of addresses, so they are held by what is resident instead.
    bool limit_addresses = true;
};

inline constexpr std::size_t kMemoryLimit = std::size_t{4} << 30;
inline constexpr std::size_t kFileLimit = std::size_t{256} << 20;    ///< any one file
inline constexpr std::size_t kScratchLimit = std::size_t{64} << 20;  ///< all of the scratch folder
inline constexpr unsigned kProcessLimit = 256;                       ///< threads included

/// Runs commands of strangers: by bubblewrap, with no network, a read-only system, namespaces of
/// their own for processes, users and IPC, and limits on memory, processes, files and time. Or, if
/// the code is trusted, just as they are.
class Sandbox {
public:
    /// Nothing is confined: for one's own code.
    static Sandbox trusting() { return Sandbox({}); }

    /// Proves first that the walls stand; `probe` is this program, `secret` a file that must stay
    /// out of reach. Throws UserError that says which wall is down and what to do.
    static Sandbox confining(const std::filesystem::path& probe,
                             const std::filesystem::path& secret);

    /// The same by another bwrap, without a test: for tests of what happens when it fails.
    static Sandbox through(std::filesystem::path bwrap) { return Sandbox(std::move(bwrap)); }

    /// No command runs longer than this from now on, whatever its own limit.
    void hasten(std::chrono::milliseconds longest) { longest_ = longest; }

    [[nodiscard]] bool confines() const { return !bwrap_.empty(); }

    /// Runs the command within `confinement`, in an empty scratch folder of bounded size. Throws
    /// UserError where the sandbox itself failed, whatever the command would have done.
    /// Thread-safe.
    [[nodiscard]] Outcome run(Command command, const Confinement& confinement) const;

private:
    explicit Sandbox(std::filesystem::path bwrap) : bwrap_(std::move(bwrap)) {}

    std::filesystem::path bwrap_;  // empty: nothing is confined
    std::chrono::milliseconds longest_ = std::chrono::hours(1);
};

/// The other side of the self-test, run inside: tries the walls and names those that are down, a
/// line each. Returns the process's exit status, 0 if all stand.
int probe_walls(int port, int pid, const std::filesystem::path& outside,
                const std::filesystem::path& secret);

}  // namespace cacheline::grader
