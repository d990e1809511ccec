// The walls of the sandbox, tried from the inside.

#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <functional>

#include "catalog.hpp"
#include "files.hpp"
#include "sandbox.hpp"
#include "scratch.hpp"

namespace fs = std::filesystem;
using namespace cacheline::grader;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

const Sandbox kWalls = Sandbox::through("/usr/bin/bwrap");

Outcome shell(const std::string& script, const Confinement& confinement = {},
              std::chrono::milliseconds limit = 10s) {
    return kWalls.run({.arguments = {"/bin/bash", "-c", script}, .limit = limit}, confinement);
}

constexpr int kSkipped = 77;

// Runs the check in a process of its own as an ordinary user, if this one is root.
int as_nobody(const std::function<bool()>& check) {
    const pid_t child = fork();
    if (child == 0) {
        const passwd* const nobody = getpwnam("nobody");
        if (geteuid() == 0 &&
            (nobody == nullptr || setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0))
            _exit(kSkipped);
        bool good = false;
        try {
            good = check();
        } catch (const std::exception& error) {
            // Some systems keep user namespaces from ordinary users.
            if (std::string(error.what()).find("namespace") != std::string::npos) _exit(kSkipped);
        }
        _exit(good ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a command in the sandbox runs, and its end is told") {
    CHECK(shell("exit 0").ok());
    CHECK(shell("exit 7").exit_code == 7);
    CHECK(shell("kill -SEGV $$").signal == SIGSEGV);
    CHECK(shell("kill -KILL $$").signal == SIGKILL);
    CHECK(shell("echo out; echo err >&2").output == "out\nerr\n");
    CHECK(shell("sleep 30", {}, 200ms).timed_out);
}

TEST_CASE("nothing of the grader's world is in the sandbox") {
    const Scratch scratch;
    const fs::path secret = scratch.file("secret", "42");
    CHECK_FALSE(shell("cat " + secret.string()).ok());
    CHECK(shell("cat " + secret.string(), {.readable = {secret}}).output == "42");
    CHECK_FALSE(shell("echo 7 > " + secret.string(), {.readable = {secret}}).ok());
    CHECK(read_file(secret) == "42");
    CHECK(shell("env; cat /proc/1/environ /proc/self/environ | tr '\\0' '\\n' | grep -c HOME")
              .output.find("HOME=") == std::string::npos);
    CHECK(shell("ls /home /root /work /var /run 2>/dev/null").output.empty());
    CHECK(shell("ls -d /proc/[0-9]* | wc -l").output < "9");
    CHECK(shell("cat").ok());                                              // no input
    CHECK(shell("ls /proc/self/fd | tr '\\n' ' '").output == "0 1 2 3 ");  // the last is ls's own
    CHECK(shell("id -u").output != "0\n");
    CHECK(
        shell("grep -E '^(CapEff|CapBnd)' /proc/self/status | grep -vc 0000000000000000").output ==
        "0\n");
}

TEST_CASE("only the scratch folder and what is named can be written to") {
    const Scratch scratch;
    const fs::path file = scratch.file("report", "");
    fs::permissions(file, fs::perms::all);
    CHECK(shell("echo yes > " + file.string(), {.writable = {file}}).ok());
    CHECK(read_file(file) == "yes\n");
    CHECK(shell("echo x > /tmp/x && cat /scratch/x").output == "x\n");
    CHECK(shell("for d in / /dev /etc /usr /proc /run /var /home /sys; do"
                " echo x 2>/dev/null > $d/x && echo $d; done; true")
              .output.find('/') == std::string::npos);
    CHECK(shell("df -k --output=size /scratch /dev/shm | grep -c 65536").output == "2\n");
    CHECK_FALSE(shell("head -c 100M /dev/zero > /dev/shm/x").ok());
}

TEST_CASE("what would undo a limit is refused") {
    const char* const command = GENERATE(
        "unshare -U true", "unshare -r true", "unshare -n true", "mount -t tmpfs none /scratch",
        "chroot / true", "ipcmk -M 4096", "nsenter -t 1 -m true", "su -c true",
        "ulimit -v unlimited", "ulimit -u 10000", "ulimit -f unlimited");
    INFO(command);
    CHECK_FALSE(shell(command).ok());
}

TEST_CASE("whatever a command leaves behind ends with it") {
    const Scratch scratch;
    const fs::path file = scratch.file("report", "");
    fs::permissions(file, fs::perms::all);
    CHECK(shell("(trap '' TERM HUP; setsid sleep 1; echo late > " + file.string() + ") & disown",
                {.writable = {file}})
              .ok());
    usleep(1'500'000);
    CHECK(read_file(file).empty());
}

TEST_CASE("a sandbox that can't be started is no verdict") {
    const Scratch scratch;
    CHECK_THROWS_AS(
        Sandbox::through(scratch.folder() / "gone").run({.arguments = {"/bin/true"}}, {}),
        UserError);
    CHECK_THROWS_AS(kWalls.run({.arguments = {"/bin/true"}}, {.readable = {"/no/such/file"}}),
                    UserError);
}

TEST_CASE("the sandbox stands for an ordinary user as well") {
    // Whoever it is: what was tried above, once more in few words.
    const int result = as_nobody([] {
        const auto fails = [](const std::string& command) { return !shell(command).ok(); };
        return shell("exit 7").exit_code == 7 && shell("kill -SEGV $$").signal == SIGSEGV &&
               fails("echo x > /x") && fails("echo x > /dev/x") && fails("echo x > /etc/x") &&
               fails("unshare -r true") && fails("cat /etc/passwd") &&
               fails("head -c 100M /dev/zero > /dev/shm/x") && shell("echo x > /scratch/x").ok() &&
               shell("ls /root /home 2>/dev/null").output.empty();
    });
    if (result == kSkipped) SKIP("this system has no user namespaces for ordinary users");
    CHECK(result == 0);
}
