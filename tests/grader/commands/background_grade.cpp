#include "commands/background_grade.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <system_error>

#include "files.hpp"
#include "json_report.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// A process and its descendants, from the leaves up: a compiler's driver would leave the compiler.
void kill_tree(pid_t pid) {
    std::error_code gone;
    std::vector<pid_t> all;
    // Children are listed with the thread that started them.
    for (const auto& task :
         fs::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
        std::ifstream in(task.path() / "children");
        for (pid_t child = 0; in >> child;)
            all.push_back(child);
    }
    for (const pid_t child : all)
        kill_tree(child);
    kill(pid, SIGKILL);
}

}  // namespace

BackgroundGrade::BackgroundGrade(const Setting& setting)
    : setting_(setting),
      work_(setting.work / "watch"),
      json_(work_.path() / "grade.json"),
      log_(work_.path() / "log") {}

void BackgroundGrade::start(const Exercise& exercise, bool fast, const std::string& step) {
    stop();
    fs::remove(json_);
    std::vector<std::string> arguments{fs::read_symlink("/proc/self/exe").string(),
                                       exercise.name,
                                       "--json=" + json_.string(),
                                       "--catalog=" + setting_.catalog.string(),
                                       "--work=" + setting_.work.string(),
                                       "--state=" + setting_.state.string(),
                                       "--jobs=" + std::to_string(setting_.jobs)};
    if (fast) arguments.emplace_back("--fast");
    if (!step.empty()) arguments.push_back("--step=" + step);
    std::vector<char*> pointers;
    for (std::string& argument : arguments)
        pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    fast_ = fast;
    step_ = step;
    start_ = std::chrono::steady_clock::now();
    child_ = fork();
    if (child_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (child_ != 0) return;
    setpgid(0, 0);  // Ctrl-C is the watcher's
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    const int null = open("/dev/null", O_RDONLY);
    dup2(null, STDIN_FILENO);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(pointers.front(), pointers.data());
    _exit(127);
}

void BackgroundGrade::stop() {
    if (child_ == 0) return;
    kill_tree(child_);
    waitpid(child_, nullptr, 0);
    child_ = 0;
}

std::optional<BackgroundGrade::Result> BackgroundGrade::poll() {
    int status = 0;
    if (child_ == 0 || waitpid(child_, &status, WNOHANG) != child_) return std::nullopt;
    child_ = 0;
    Result result{.fast = fast_,
                  .step = step_,
                  .wall = std::chrono::duration_cast<std::chrono::milliseconds>(
                      std::chrono::steady_clock::now() - start_)};
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        const auto json = nlohmann::ordered_json::parse(read_file(json_), nullptr, false);
        if (json.is_object() && json.contains("exercises") && !json["exercises"].empty())
            result.grade = exercise_grade_from_json(json["exercises"].front());
    }
    if (!result.grade) result.error = read_file(log_);
    return result;
}

}  // namespace cacheline::grader
