#include "submission.hpp"

#include <algorithm>
#include <fstream>

#include "files.hpp"
#include "own_files.hpp"
#include "reports/text.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostMembers = 10'000;
constexpr int kDeepest = 8;

constexpr const char* kArchiveEndings[] = {".zip", ".tar.gz", ".tgz"};

std::string archive_ending(const fs::path& path) {
    const std::string name = path.filename().string();
    for (const std::string ending : kArchiveEndings)
        if (name.size() > ending.size() && name.ends_with(ending)) return ending;
    return {};
}

// A name that people can read and that means only itself: to the archiver names are patterns, and
// it spells with a backslash what is no text.
bool plain_name(const std::string& name) {
    return printable(name) == name && name.find_first_of("*?[]\\\n\t") == std::string::npos;
}

Flag passed_over(const std::string& name, const char* what) {
    return {.file = printable(name), .what = std::string(what) + ", which is passed over"};
}

constexpr const char* kOddName = "a name with signs that are no text or mean something else";
constexpr const char* kNoFile = "a link, device or pipe";
constexpr const char* kLeadsOut = "a path that leads out of the archive";

bool is_folder_of(const Exercise& exercise, const fs::path& name) {
    return name == exercise.name || name == exercise.slug();
}

// Whether a path tells of one of the exercise's files or of its folder.
bool names(const fs::path& path, const Exercise& exercise) {
    return std::ranges::count(exercise.edit, path.filename().string()) != 0 ||
           std::ranges::any_of(path,
                               [&](const fs::path& part) { return is_folder_of(exercise, part); });
}

void add_once(std::vector<std::string>& sentences, const std::string& sentence) {
    if (std::ranges::count(sentences, sentence) == 0) sentences.push_back(sentence);
}

bool leads_out(const std::string& name) {
    const fs::path path(name);
    return path.is_absolute() || std::ranges::find(path, fs::path("..")) != path.end();
}

}  // namespace

std::vector<fs::path> list_submissions(const fs::path& folder) {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.path().filename().string().starts_with('.')) continue;
        const fs::file_status status = entry.symlink_status();
        if (fs::is_directory(status) ||
            (fs::is_regular_file(status) && !archive_ending(entry.path()).empty()))
            paths.push_back(entry.path());
    }
    std::ranges::sort(paths);
    return paths;
}

std::string Submission::student_name(const fs::path& path) {
    const std::string name = path.filename().string();
    return fs::is_directory(path) ? name
                                  : name.substr(0, name.size() - archive_ending(path).size());
}

Submission::Submission(fs::path path, const Sandbox& sandbox)
    : path_(std::move(path)), sandbox_(&sandbox), archive_(!fs::is_directory(path_)) {
    archive_ ? list_archive() : list_folder();
    if (error_.empty() && members_.empty()) error_ = "it holds no files";
    std::ranges::sort(members_);
}

void Submission::list_folder() {
    std::error_code unreadable;
    fs::recursive_directory_iterator it(path_, unreadable);
    for (; !unreadable && it != fs::recursive_directory_iterator(); it.increment(unreadable)) {
        const std::string name = it->path().lexically_relative(path_).string();
        const fs::file_status status = it->symlink_status();
        if (it.depth() >= kDeepest) it.disable_recursion_pending();
        if (fs::is_regular_file(status) && plain_name(name))
            members_.push_back(name);
        else if (!fs::is_directory(status))
            flags_.push_back(passed_over(name, fs::is_regular_file(status) ? kOddName : kNoFile));
        if (members_.size() > kMostMembers) {
            error_ = "it holds more than " + std::to_string(kMostMembers) + " files";
            return;
        }
    }
    if (unreadable) error_ = "it can't be read: " + unreadable.message();
}

void Submission::list_archive() {
    const auto list = [&](const char* how) {
        return sandbox_->run({.arguments = {"/usr/bin/bsdtar", how, fs::absolute(path_).string()},
                              .environment = {"LC_ALL=C.UTF-8"},
                              .limit = std::chrono::seconds(20)},
                             {.readable = {fs::absolute(path_)}});
    };
    const Outcome names = list("-tf");
    const Outcome kinds = list("-tvf");
    if (!names.ok() || !kinds.ok()) {
        error_ = "the archive can't be read";
        // After the names that it could read.
        const std::size_t why = names.output.find("bsdtar: ");
        if (why != std::string::npos) error_ += ": " + lines_of(names.output.substr(why)).front();
        return;
    }
    if (kinds.output_bytes > kKeptOutput) {
        error_ = "the archive has too many files";
        return;
    }
    const std::vector<std::string> name_lines = lines_of(names.output);
    const std::vector<std::string> kind_lines = lines_of(kinds.output);
    for (std::size_t i = 0; i < std::min(name_lines.size(), kind_lines.size()); ++i) {
        const std::string& name = name_lines[i];
        const char kind = kind_lines[i].empty() ? '?' : kind_lines[i].front();
        if (leads_out(name))
            flags_.push_back({.attack = true, .file = name, .what = kLeadsOut});
        else if (kind == '-' && plain_name(name))
            members_.push_back(name);
        else if (kind != 'd')
            flags_.push_back(passed_over(name, kind == '-' ? kOddName : kNoFile));
    }
}

std::vector<std::string> Submission::candidates(const Exercise& exercise,
                                                const std::string& file) const {
    std::vector<std::string> in_layout;
    std::vector<std::string> flat;
    for (const std::string& member : members_) {
        const fs::path path = fs::path(member).lexically_normal();
        if (path.filename() != file) continue;
        if (is_folder_of(exercise, path.parent_path().filename()))
            in_layout.push_back(member);
        else if (std::ranges::distance(path) <= 2)  // one folder around it all is usual in archives
            flat.push_back(member);
    }
    return in_layout.empty() ? flat : in_layout;
}

const Flag* Submission::leading_out(const Exercise& exercise) const {
    const auto found = std::ranges::find_if(flags_, [&](const Flag& flag) {
        return flag.what == kLeadsOut && names(flag.file, exercise);
    });
    return found == flags_.end() ? nullptr : &*found;
}

const Flag* Submission::in_place_of(const std::string& file, const Exercise& exercise) const {
    const auto found = std::ranges::find_if(flags_, [&](const Flag& flag) {
        const fs::path name = fs::path(flag.file).filename();
        return !flag.attack && (name == file || is_folder_of(exercise, name));
    });
    return found == flags_.end() ? nullptr : &*found;
}

std::optional<std::string> Submission::read(const std::string& member) const {
    if (!archive_) {
        std::ifstream in(path_ / member, std::ios::binary);
        if (!in) return {};
        std::string text(kLongest + 1, '\0');
        in.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(in.gcount()));
        return text;
    }
    // To standard output, which is bounded: nothing is unpacked, and what lies behind the member (a
    // bomb) not even looked at.
    const Outcome outcome = sandbox_->run(
        {.arguments = {"/bin/sh", "-c", "exec /usr/bin/bsdtar -xqOf \"$1\" -- \"$2\" 2>/dev/null",
                       "sh", fs::absolute(path_).string(), member},
         .environment = {"LC_ALL=C.UTF-8"},
         .limit = std::chrono::seconds(20)},
        {.readable = {fs::absolute(path_)}});
    if (!outcome.ok() && outcome.output.size() <= kLongest) return {};
    return outcome.output;
}

void Submission::take(const std::string& member, const fs::path& folder,
                      std::vector<std::string>& refused) const {
    const std::optional<std::string> text = read(member);
    if (!text)
        refused.push_back(member + " can't be read.");
    else if (text->size() > kLongest)
        refused.push_back(member + " is longer than " + std::to_string(kLongest / 1024) + " kB.");
    else
        write_file(folder / fs::path(member).filename(), *text);
}

std::vector<std::string> Submission::added(const Exercise& exercise,
                                           const std::vector<fs::path>& homes,
                                           const std::vector<Exercise>& catalog,
                                           std::vector<std::string>& refused) const {
    std::vector<std::string> found;
    for (const std::string& member : members_) {
        const fs::path path = fs::path(member).lexically_normal();
        const std::string name = path.filename().string();
        const auto others = [&](const Exercise& other) {
            return other.name != exercise.name && !is_own_file(other, name);
        };
        if (std::ranges::count(homes, path.parent_path()) == 0 || !is_own_file(exercise, name) ||
            std::ranges::any_of(catalog, others))
            continue;
        found.push_back(member);
    }
    if (found.size() > kMostOwn) {
        refused.push_back("There are " + std::to_string(found.size()) +
                          " files beside the exercise's; at most " + std::to_string(kMostOwn) +
                          " are taken, and none of these was.");
        return {};
    }
    // A header that nobody includes does no harm, a source is compiled wherever it is.
    const auto edits_there = [&](const Exercise& other) {
        return other.name != exercise.name &&
               std::ranges::any_of(other.edit, [&](const std::string& file) {
                   return std::ranges::any_of(candidates(other, file), [&](const std::string& at) {
                       return std::ranges::count(homes,
                                                 fs::path(at).lexically_normal().parent_path());
                   });
               });
    };
    if (std::ranges::any_of(catalog, edits_there))
        std::erase_if(found, [&](const std::string& member) {
            if (!is_source(member)) return false;
            add_once(refused,
                     member +
                         " lies beside the files of several exercises, so whose it is "
                         "can't be told. Hand in a folder for each exercise, as ./workbook "
                         "submit does.");
            return true;
        });
    return found;
}

std::vector<std::string> Submission::lay_out(const Exercise& exercise, const fs::path& folder,
                                             const std::vector<Exercise>& catalog) const {
    fs::remove_all(folder);
    fs::create_directories(folder);
    std::vector<std::string> refused;
    std::vector<fs::path> homes;
    for (const std::string& file : exercise.edit) {
        const std::vector<std::string> found = candidates(exercise, file);
        if (found.empty()) {
            if (const Flag* const flag = in_place_of(file, exercise))
                add_once(refused, flag->file + " is " + flag->what + ".");
            continue;
        }
        if (found.size() > 1) {
            refused.push_back("There is more than one " + file + ": " + found[0] + " and " +
                              found[1] + ". Hand in one.");
            continue;
        }
        take(found.front(), folder, refused);
        const fs::path home = fs::path(found.front()).lexically_normal().parent_path();
        if (std::ranges::count(homes, home) == 0) homes.push_back(home);
    }
    for (const std::string& member : added(exercise, homes, catalog, refused)) {
        if (fs::exists(folder / fs::path(member).filename()))
            refused.push_back("There is more than one " + fs::path(member).filename().string() +
                              ". Hand in one.");
        else
            take(member, folder, refused);
    }
    return refused;
}

}  // namespace cacheline::grader
