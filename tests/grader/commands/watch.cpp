// workbook-grade watch [EXERCISE]: grades again on every save, on a page that is redrawn in place.

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <sstream>

#include "commands/background_grade.hpp"
#include "commands/commands.hpp"
#include "commands/saves.hpp"
#include "commands/screen.hpp"
#include "own_files.hpp"
#include "progress.hpp"
#include "scorecard.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// Editors save in several steps; the last one counts.
constexpr int kSettling = 40;  // ms
constexpr int kPolling = 25;   // ms, while a grade is under way

volatile std::sig_atomic_t ended = 0;
volatile std::sig_atomic_t resized = 0;

class Watch {
public:
    Watch(const Setting& setting, const std::string& wanted)
        : setting_(setting),
          catalog_(load_catalog(setting.catalog)),
          progress_(setting.state / "progress.json"),
          grading_(setting),
          style_(style_for(true)) {
        std::erase_if(catalog_, [](const Exercise& exercise) { return !exercise.fault.empty(); });
        style_.failures = 0;
        current_ =
            wanted.empty()
                ? 0
                : static_cast<std::size_t>(&find_exercise(catalog_, wanted) - catalog_.data());
        // Without a name, where the work is.
        if (wanted.empty() && progress_.complete(exercise())) current_ = following();
    }

    void run() {
        open();
        while (ended == 0 && !done_) {
            pollfd sources[] = {{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                {.fd = saves_->descriptor(), .events = POLLIN, .revents = 0}};
            ::poll(sources, 2, grading_.running() ? kPolling : -1);
            if (resized != 0) {
                resized = 0;
                style_.width = style_for(true).width;
                draw();
            }
            if (sources[1].revents != 0) settle();
            if (const auto result = grading_.poll()) take(*result);
            if (sources[0].revents != 0) press(screen_.key());
        }
    }

private:
    [[nodiscard]] const Exercise& exercise() const { return catalog_[current_]; }

    // The next exercise that is not complete, or simply the next.
    [[nodiscard]] std::size_t following() const {
        for (std::size_t i = 1; i < catalog_.size(); ++i) {
            const std::size_t next = (current_ + i) % catalog_.size();
            if (!progress_.complete(catalog_[next])) return next;
        }
        return (current_ + 1) % catalog_.size();
    }

    void open() {
        saves_ = std::make_unique<Saves>(exercise().folder, [this](const std::string& file) {
            return std::ranges::count(exercise().edit, file) != 0 || is_own_file(exercise(), file);
        });
        last_.reset();
        message_.clear();
        grade();
    }

    // First the step that the student is at, if it is known: one file of the suite compiles in half
    // the time of five.
    void grade() {
        grading_.start(exercise(), true, current_step());
        draw();
    }

    void settle() {
        bool saved = saves_->take();
        pollfd more{.fd = saves_->descriptor(), .events = POLLIN, .revents = 0};
        while (saved && ::poll(&more, 1, kSettling) > 0)
            saved |= saves_->take();
        if (!saved) return;
        message_.clear();
        grade();
    }

    void take(BackgroundGrade::Result result) {
        if (!result.step.empty()) {
            if (result.grade) put_in(*result.grade);
            last_->wall = result.wall;
            grading_.start(exercise(), true);
            draw();
            return;
        }
        just_put_in_ = false;
        const bool built = result.grade && result.grade->notes.empty();
        last_ = std::move(result);
        // The sanitizers and the clock have their say when the quick answer is on the screen.
        if (last_->fast && built) grading_.start(exercise(), false);
        draw();
    }

    // The other steps are shown as they were until their turn comes.
    void put_in(const ExerciseGrade& part) {
        last_->grade->notes = part.notes;
        for (const StepGrade& fresh : part.steps)
            for (StepGrade& shown : last_->grade->steps)
                if (shown.step.id == fresh.step.id) shown = fresh;
        just_put_in_ = true;
    }

    void press(char key) {
        message_.clear();
        switch (key) {
            case 'q':
                done_ = true;
                return;
            case 'h':
                message_ = next_hint(setting_, exercise(), current_step());
                break;
            case 'n':
                current_ = following();
                open();
                return;
            case 'b':
                lend({"bench", exercise().name});
                break;
            case 'd':
                if (progress_.complete(exercise()))
                    lend({"diff", exercise().name});
                else
                    message_ = "The reference is shown when every point is there. A hint: press h.";
                break;
            default:
                return;
        }
        draw();
    }

    // The first step that lacks points in what is on the screen.
    [[nodiscard]] std::string current_step() const {
        if (last_ && last_->grade)
            for (const StepGrade& step : last_->grade->steps)
                if (!step.full() && step.step.benchmark.empty()) return step.step.id;
        return {};
    }

    // Gives the terminal to another command of this program until that is read.
    void lend(std::vector<std::string> arguments) {
        grading_.stop();  // two at once would spoil the figures
        screen_.leave();
        arguments.insert(arguments.begin(), fs::read_symlink("/proc/self/exe").string());
        arguments.push_back("--catalog=" + setting_.catalog.string());
        arguments.push_back("--work=" + setting_.work.string());
        arguments.push_back("--state=" + setting_.state.string());
        std::vector<char*> pointers;
        for (std::string& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        const pid_t child = fork();
        if (child == 0) {
            execv(pointers.front(), pointers.data());
            _exit(127);
        }
        while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
        std::cout << "\nPress Enter to go on watching." << std::flush;
        char c = 0;
        while (read(STDIN_FILENO, &c, 1) == 1 && c != '\n') {
        }
        screen_.enter();
    }

    [[nodiscard]] std::string state() const {
        if (grading_.running() && grading_.fast() && just_put_in_ && grading_.step().empty())
            return "step graded; the other steps follow…";
        if (grading_.running())
            return grading_.fast() ? "grading…" : "quick answer; sanitizers and speed follow…";
        if (!last_) return {};
        std::ostringstream text;
        text.precision(1);
        text << "graded in " << std::fixed << static_cast<double>(last_->wall.count()) / 1000
             << " s; waiting for a save";
        return text.str();
    }

    void draw() {
        std::ostringstream out;
        const std::string title = "Watching exercises/" + exercise().name;
        out << title << "   " << dim(state()) << "\n\n";
        if (last_ && last_->grade) {
            print_bars(out, *last_->grade, style_);
            if (!last_->fast && last_->grade->earned() > 0 &&
                last_->grade->earned() == last_->grade->possible())
                out << "Every point is there. n: on to " << catalog_[following()].title << "\n\n";
            else
                print_current_step(out, *last_->grade, style_);
        } else if (last_) {
            out << last_->error << "\n\n";
        }
        if (!message_.empty()) out << message_ << "\n\n";
        out << dim(progress_.summary(catalog_, &exercise())) << '\n';
        screen_.draw(out.str(), footer());
    }

    [[nodiscard]] std::string footer() const {
        return dim("h") + " hint  " + dim("n") + " next exercise  " + dim("b") + " bench  " +
               dim("d") + " diff  " + dim("q") + " quit";
    }

    [[nodiscard]] std::string dim(const std::string& text) const {
        return style_.colour ? "\033[2m" + text + "\033[0m" : text;
    }

    const Setting& setting_;
    std::vector<Exercise> catalog_;
    ProgressFile progress_;
    std::size_t current_ = 0;
    std::unique_ptr<Saves> saves_;
    BackgroundGrade grading_;
    std::optional<BackgroundGrade::Result> last_;
    std::string message_;
    bool just_put_in_ = false;
    Style style_;
    bool done_ = false;
    Screen screen_;  // last: nothing may be printed under it while the others come about
};

void watch(const Setting& setting, const std::string& wanted) {
    struct sigaction action {};
    action.sa_handler = [](int) { ended = 1; };
    for (const int signal : {SIGTERM, SIGHUP, SIGINT})
        sigaction(signal, &action, nullptr);
    action.sa_handler = [](int) { resized = 1; };
    sigaction(SIGWINCH, &action, nullptr);
    Watch(setting, wanted).run();
}

}  // namespace

Subcommand watch_command(CLI::App& app, const Setting& setting) {
    const auto exercise = std::make_shared<std::string>();
    CLI::App& command = *app.add_subcommand("watch", "Grade again on every save");
    command.fallthrough();
    command.add_option("exercise", *exercise, "Name, number or prefix; none: the first not done");
    return {&command, [exercise, &setting] { watch(setting, *exercise); }};
}

}  // namespace cacheline::grader
