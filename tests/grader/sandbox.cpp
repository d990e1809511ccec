#include "sandbox.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <set>
#include <utility>

#include "catalog.hpp"
#include "system_calls.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

constexpr const char* kScratch = "/scratch";
constexpr std::size_t kSecondsOfCpu = 120;
// Users without a name. Each sandbox at work has one of its own, because the limit on processes
// counts by user.
constexpr unsigned kFirstUser = 61000;
constexpr unsigned kUsers = 4000;

std::vector<std::string> walls(const fs::path& bwrap, const Confinement& confinement,
                               bool fixed_addresses) {
    std::vector<std::string> words{bwrap.string()};
    const auto add = [&](std::initializer_list<std::string> more) {
        words.insert(words.end(), more);
    };
    const bool root = geteuid() == 0;
    add({"--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
         "--die-with-parent", "--new-session", "--clearenv", "--hostname", "sandbox"});
    if (root)
        add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
    else
        add({"--unshare-user", "--disable-userns"});
    add({"--ro-bind", "/usr", "/usr", "--perms", "0755", "--dir", "/etc", "--ro-bind-try",
         "/etc/ld.so.cache", "/etc/ld.so.cache", "--ro-bind-try", "/etc/alternatives",
         "/etc/alternatives"});
    for (const char* const folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
        std::error_code none;
        if (const fs::path target = fs::read_symlink(folder, none); !none)
            add({"--symlink", target.string(), folder});
        else
            add({"--ro-bind-try", folder, folder});
    }
    add({"--proc",       "/proc",
         "--dev",        "/dev",
         "--size",       std::to_string(kScratchLimit),
         "--perms",      "1777",
         "--tmpfs",      "/dev/shm",
         "--remount-ro", "/dev",
         "--size",       std::to_string(kScratchLimit),
         "--perms",      "1777",
         "--tmpfs",      kScratch,
         "--symlink",    kScratch + 1,
         "/tmp",         "--chdir",
         kScratch});
    // Parents that bwrap makes by itself would be closed to the sandbox's user.
    std::set<fs::path> parents;
    const auto show = [&](const char* how, const fs::path& path) {
        fs::path parent = "/";
        for (const fs::path& part : path.parent_path().relative_path()) {
            parent /= part;
            if (parent != "/usr" && parents.insert(parent).second)
                add({"--perms", "0755", "--dir", parent.string()});
        }
        add({how, path.string(), path.string()});
    };
    for (const fs::path& path : confinement.readable)
        show("--ro-bind", path);
    for (const fs::path& path : confinement.writable)
        show("--bind", path);
    // The rest is bwrap's own, in memory and without a bound.
    add({"--remount-ro", "/", "--seccomp", std::to_string(kHandedOn), "--json-status-fd",
         std::to_string(kHandedOn + 1), "--"});
    if (root) {
        static std::atomic<unsigned> next{0};
        const std::string user = std::to_string(kFirstUser + next++ % kUsers);
        add({"/usr/bin/setpriv", "--reuid", user, "--regid", user, "--clear-groups",
             "--bounding-set=-all", "--no-new-privs"});
    }
    add({"/usr/bin/prlimit", "--nproc=" + std::to_string(kProcessLimit),
         "--fsize=" + std::to_string(kFileLimit),  // first a signal that says what it is for
         "--cpu=" + std::to_string(kSecondsOfCpu) + ":" + std::to_string(kSecondsOfCpu + 5),
         "--core=0"});
    if (confinement.limit_addresses) add({"--as=" + std::to_string(kMemoryLimit)});
    if (fixed_addresses) add({"/usr/bin/setarch", "-R"});
    return words;
}

// A file without a name, to hand something to bwrap or take it from there.
class MemoryFile {
public:
    explicit MemoryFile(const void* content = nullptr, std::size_t size = 0)
        : descriptor_(memfd_create("sandbox", MFD_CLOEXEC)) {
        if (descriptor_ < 0 || write(descriptor_, content, size) != static_cast<ssize_t>(size) ||
            lseek(descriptor_, 0, SEEK_SET) != 0)
            throw UserError("The sandbox can't be set up: no file in memory.");
    }
    ~MemoryFile() { close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }
    [[nodiscard]] std::string text() const {
        std::string text(1024, ' ');
        const ssize_t size = pread(descriptor_, text.data(), text.size(), 0);
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
        return text;
    }

private:
    int descriptor_;
};

class Listener {
public:
    Listener() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<sockaddr*>(&address);
        if (bind(socket_, any, size) != 0 || listen(socket_, 1) != 0 ||
            getsockname(socket_, any, &size) != 0)
            throw UserError("The sandbox can't be tested: no socket on the loopback interface.");
        port_ = ntohs(address.sin_port);
    }
    ~Listener() { close(socket_); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    [[nodiscard]] int port() const { return port_; }

private:
    int socket_;
    int port_ = 0;
};

[[noreturn]] void no_sandbox(const std::string& why) {
    throw UserError(
        "Nothing is graded: " + why +
        "\nStrangers' code runs only inside bubblewrap. Install it (apt-get install "
        "bubblewrap) and allow user namespaces; or, where you trust the code or the whole "
        "machine is thrown away afterwards, say --trust.");
}

}  // namespace

Sandbox Sandbox::confining(const fs::path& probe, const fs::path& secret) {
    const fs::path bwrap = "/usr/bin/bwrap";
    if (!fs::exists(bwrap)) no_sandbox("bubblewrap is not installed.");
    const Sandbox sandbox(bwrap);
    const Listener listener;
    std::string outside = (fs::temp_directory_path() / "outside-XXXXXX").string();
    const int file = mkstemp(outside.data());
    if (file < 0) no_sandbox("the folder for temporary files can't be written.");
    close(file);
    fs::permissions(outside, fs::perms::all);
    Outcome outcome;
    try {
        outcome = sandbox.run(
            {.arguments = {probe.string(), "probe", std::to_string(listener.port()),
                           std::to_string(getpid()), outside, fs::absolute(secret).string()},
             .limit = std::chrono::seconds(20)},
            {.readable = {probe}});
    } catch (const UserError& error) {
        outcome.output = error.what();
    }
    fs::remove(outside);
    if (!outcome.ok()) no_sandbox("the sandbox's walls do not stand: " + outcome.output);
    return sandbox;
}

Outcome Sandbox::run(Command command, const Confinement& confinement) const {
    command.limit = std::min(command.limit, longest_);
    if (!confines()) return grader::run(command);
    std::vector<std::string> words = walls(bwrap_, confinement, command.fixed_addresses);
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    // bwrap clears the environment; env sets what the command is to see.
    const auto program = words.end() - static_cast<std::ptrdiff_t>(command.arguments.size());
    std::vector<std::string> environment{"/usr/bin/env", "-i"};
    environment.insert(environment.end(), command.environment.begin(), command.environment.end());
    words.insert(program, environment.begin(), environment.end());
    static const std::vector<sock_filter> calls = system_call_filter();
    const MemoryFile filter(calls.data(), calls.size() * sizeof(sock_filter));
    const MemoryFile status;
    Outcome outcome = grader::run({.arguments = std::move(words),
                                   .limit = command.limit,
                                   .memory = kMemoryLimit,
                                   .handed_on = {filter.descriptor(), status.descriptor()}});
    const bool ended_by_us = outcome.timed_out || outcome.flooded || outcome.overgrown;
    // bwrap tells the command's exit status there, and nothing if it never came to that.
    if (!ended_by_us && status.text().find("\"exit-code\"") == std::string::npos)
        throw UserError("The sandbox failed: " + outcome.output.substr(0, 1000));
    // bwrap tells of a signal as a shell does.
    if (outcome.exit_code > 128 && outcome.exit_code < 128 + NSIG)
        outcome.signal = std::exchange(outcome.exit_code, -1) - 128;
    return outcome;
}

int probe_walls(int port, int pid, const fs::path& outside, const fs::path& secret) {
    int down = 0;
    const auto wall = [&](bool stands, const char* what) {
        if (stands) return;
        std::cout << what << '\n';
        ++down;
    };
    wall(fcntl(kHandedOn, F_GETFD) < 0 && fcntl(kHandedOn + 1, F_GETFD) < 0,
         "the grader's descriptors are open in there");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int reached = socket(AF_INET, SOCK_STREAM, 0);
    wall(connect(reached, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0,
         "the network can be reached");
    wall(kill(pid, 0) != 0, "the grader's process can be seen");
    wall(open(outside.c_str(), O_WRONLY) < 0, "a file outside can be written");
    wall(open("/usr/outside", O_WRONLY | O_CREAT, 0600) < 0, "the system can be written");
    wall(open(secret.c_str(), O_RDONLY) < 0, "the reference solutions can be read");
    for (const char* const folder : {"/", "/dev", "/etc", "/proc/sys/kernel"})
        wall(access(folder, W_OK) != 0, "there is a folder to write to without a bound");
    wall(unshare(CLONE_NEWUSER) != 0, "it can be root in a namespace of its own");
    wall(memfd_create("hidden", 0) < 0, "memory can be taken on nobody's account");
    rlimit limit{};
    wall(getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur <= kMemoryLimit,
         "memory is not limited");
    wall(geteuid() != 0 || access("/proc/1/root/home", F_OK) != 0, "it is root in there");
    unsigned children = 0;
    for (pid_t child = 0; children <= 2 * kProcessLimit && (child = fork()) >= 0; ++children)
        if (child == 0) {
            pause();
            _exit(0);
        }
    wall(children <= kProcessLimit, "processes are not limited");
    std::cout.flush();
    // The sandbox ends with this process, and the children with the sandbox.
    return down == 0 ? 0 : 1;
}

}  // namespace cacheline::grader
