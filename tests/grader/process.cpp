#include "process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>
#include <system_error>

namespace cacheline::grader {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

// How often the memory of a process is added up. Short ones end before the first time.
constexpr std::chrono::milliseconds kWeighing(200);

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class Descriptor {
public:
    explicit Descriptor(int fd = -1) : fd_(fd) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const { return fd_; }
    void reset() {
        if (fd_ >= 0) close(fd_);
        fd_ = -1;
    }

private:
    int fd_;
};

std::vector<char*> pointers(const std::vector<std::string>& strings) {
    std::vector<char*> result;
    for (const std::string& string : strings)
        result.push_back(const_cast<char*>(string.c_str()));
    result.push_back(nullptr);
    return result;
}

// The resident bytes of a process and all its descendants, from /proc.
std::size_t resident_bytes(pid_t root) {
    struct Entry {
        pid_t parent;
        std::size_t pages;
    };
    std::map<pid_t, Entry> all;
    std::error_code gone;
    for (const auto& folder : fs::directory_iterator("/proc", gone)) {
        const std::string name = folder.path().filename().string();
        if (name.find_first_not_of("0123456789") != std::string::npos) continue;
        std::ifstream in(folder.path() / "stat");
        std::string text;
        std::getline(in, text);
        const std::size_t command_end = text.rfind(')');  // its name may hold anything
        if (command_end == std::string::npos) continue;
        std::istringstream fields(text.substr(command_end + 2));
        std::string field;
        Entry entry{};
        fields >> field >> entry.parent;
        for (int i = 0; i < 19; ++i)
            fields >> field;
        fields >> entry.pages;
        all[std::stoi(name)] = entry;
    }
    const auto descends = [&](pid_t pid) {
        while (pid != root) {
            const auto entry = all.find(pid);
            if (entry == all.end()) return false;
            pid = entry->second.parent;
        }
        return true;
    };
    std::size_t pages = 0;
    for (const auto& [pid, entry] : all)
        if (descends(pid)) pages += entry.pages;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// What the child does between fork and exec: only calls that are safe there.
[[noreturn]] void become(const Command& command, char* const* arguments, char* const* environment,
                         int null_input, int output) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGPIPE, SIGXFSZ})  // the grader may ignore them
        signal(number, SIG_DFL);
    if (command.fixed_addresses) personality(ADDR_NO_RANDOMIZE);
    dup2(null_input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    // Files that other threads have open just now, a grade perhaps, are not the child's business.
    // First out of the way of their new numbers.
    constexpr int kAside = 100;
    int next = kHandedOn;
    int aside = kAside;
    for (const int fd : command.handed_on)
        dup2(fd, aside++);
    for (int i = kAside; i < aside; ++i)
        dup2(i, next++);
    close_range(static_cast<unsigned>(next), ~0U, 0);
    if (command.directory.empty() || chdir(command.directory.c_str()) == 0)
        execve(arguments[0], arguments, environment);
    _exit(127);
}

// Reads what has come so far; false when the other end is closed.
bool drain(int fd, Outcome& outcome) {
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t n = read(fd, buffer.data(), buffer.size());
        if (n < 0) return errno == EAGAIN || errno == EINTR;
        if (n == 0) return false;
        const auto count = static_cast<std::size_t>(n);
        outcome.output_bytes += count;
        outcome.output.append(buffer.data(), std::min(count, kKeptOutput - outcome.output.size()));
        if (outcome.output_bytes > kMostOutput) return true;
    }
}

}  // namespace

Outcome run(const Command& command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail("pipe2");
    const Descriptor out(ends[0]);
    Descriptor in(ends[1]);
    const Descriptor null_input(open("/dev/null", O_RDONLY | O_CLOEXEC));
    fcntl(out.get(), F_SETFL, O_NONBLOCK);
    const std::vector<char*> arguments = pointers(command.arguments);
    const std::vector<char*> environment = pointers(command.environment);

    const auto start = Clock::now();
    const pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0)
        become(command, arguments.data(), environment.data(), null_input.get(), in.get());
    setpgid(child, child);  // here too: whichever comes first
    in.reset();

    Outcome outcome;
    auto next_weighing = start + kWeighing;
    bool open = true;
    int status = 0;
    // The pipe may outlive the child in a grandchild, and the child the pipe: poll both.
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            start + command.limit - Clock::now());
        outcome.timed_out = left.count() <= 0;
        outcome.flooded = outcome.output_bytes > kMostOutput;
        if (command.memory != 0 && Clock::now() >= next_weighing) {
            outcome.overgrown = resident_bytes(child) > command.memory;
            next_weighing = Clock::now() + kWeighing;
        }
        if (outcome.timed_out || outcome.flooded || outcome.overgrown) {
            kill(-child, SIGKILL);
            waitpid(child, &status, 0);
            break;
        }
        pollfd waiting{.fd = open ? out.get() : -1, .events = POLLIN, .revents = 0};
        // A child that is about to end is met within a millisecond, a long one polled rarely.
        const auto age =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
        const auto pause = std::clamp<std::chrono::milliseconds::rep>(age.count() / 8, 1, 20);
        poll(&waiting, 1, static_cast<int>(std::min(left.count(), pause)));
        if (open) open = drain(out.get(), outcome);
        if (waitpid(child, &status, WNOHANG) == child) break;
    }
    kill(-child, SIGKILL);
    if (open) drain(out.get(), outcome);
    outcome.wall = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
    if (WIFEXITED(status)) outcome.exit_code = WEXITSTATUS(status);
    return outcome;
}

}  // namespace cacheline::grader
