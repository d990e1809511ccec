#include "inspection.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

#include "files.hpp"
#include "source_text.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

struct TextRule {
    bool attack;
    const char* pattern;
    const char* what;
};

// Looked for in the code, without comments and the insides of literals.
constexpr TextRule kCodeRules[] = {
    {false, R"(\b(__asm__|__asm|asm)\b)", "inline assembly"},
    {true, R"(\bint\s+main\s*\()", "a main of its own"},
    {true, R"(\bCatch\s*::)", "Catch2's own names"},
    {true, R"(\bCATCH_\w+)", "Catch2's own macros"},
    {true, R"(\b(TEST_CASE|SECTION|REQUIRE\w*|CHECK\w*|SUCCEED)\s*\()", "the suite's macros"},
    {true, R"(\bcacheline\s*::\s*support\b|\bnamespace\s+support\b)", "the suite's probes"},
    {true,
     R"(\b(__sanitizer_\w+|__asan_(?!(un)?poison_memory_region)\w+|__tsan_\w+|__lsan_\w+)\s*\()",
     "calls to a sanitizer's runtime"},
    {true, R"(__constructor__|\(\s*\(\s*constructor\b|gnu\s*::\s*constructor)",
     "a function that runs before main"},
    {true, R"(\b(no_sanitize\w*|no_instrument_function|disable_sanitizer_instrumentation)\b)",
     "code hidden from the sanitizers"},
    {false, R"(\b(__SANITIZE_\w+|__has_feature)\b)", "asks which sanitizer is on"},
    {false, R"(#\s*pragma\s+(GCC|clang)\s+(optimize|push_options|pop_options))",
     "a pragma that changes how it is compiled"},
    {false, R"(\b_Pragma\b)", "a pragma that changes how it is compiled"},
    {false, R"(\boptimize\s*\(\s*")", "optimisation changed for one function"},
    {true, R"(#\s*(include_next|embed|ident|line)\b)", "a directive that no exercise needs"},
};

// Looked for in the literals.
constexpr TextRule kLiteralRules[] = {
    {true, R"(/proc/)", "a path into /proc"},
    {true, R"(^::(error|warning|notice|set-output|add-mask|group)\b)", "a GitHub workflow command"},
    {true, R"(\.incbin|\.include)", "an assembler's directive that reads a file"},
    {true, R"(\bsyscall\b|\bsysenter\b|\bint\s+\$?0x80\b|\bsvc\b)", "a system call of its own"},
    {true, R"(LD_PRELOAD)", "LD_PRELOAD"},
};

std::size_t line_of(const std::string& text, std::size_t at) {
    return 1 + static_cast<std::size_t>(
                   std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

void apply(std::span<const TextRule> rules, const std::string& file, const std::string& text,
           std::vector<Flag>& flags) {
    for (const TextRule& rule : rules) {
        const std::regex pattern(rule.pattern, std::regex::ECMAScript | std::regex::multiline);
        std::smatch match;
        if (std::regex_search(text, match, pattern))
            flags.push_back({.attack = rule.attack,
                             .file = file,
                             .line = static_cast<long>(
                                 line_of(text, static_cast<std::size_t>(match.position(0)))),
                             .what = std::string(rule.what) + ": " + match.str(0)});
    }
}

// Bidirectional controls (Boucher and Anderson, Trojan Source, 2021) and invisible characters.
void look_for_tricks(const std::string& file, const std::string& text, std::vector<Flag>& flags) {
    for (const char* const trick : {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066",
                                    "\u2067", "\u2068", "\u2069", "\u200b", "\u200e", "\u200f"}) {
        const std::size_t at = text.find(trick);
        if (at == std::string::npos) continue;
        flags.push_back({.attack = true,
                         .file = file,
                         .line = static_cast<long>(line_of(text, at)),
                         .what = "invisible characters that make code read other than it runs"});
        return;
    }
}

}  // namespace

std::vector<Flag> inspect_text(const std::string& file, const std::string& text) {
    std::vector<Flag> flags;
    const SourceText source(text);
    apply(kCodeRules, file, source.code(), flags);
    apply(kLiteralRules, file, source.literals(), flags);
    look_for_tricks(file, text, flags);
    return flags;
}

namespace {

// Macros with which the language or the suite would no longer mean what they say.
bool reserved_macro(const std::string& name) {
    static const std::regex reserved(
        R"(REQUIRE\w*|CHECK\w*|TEST_CASE\w*|SECTION|WHY|SEEDED_RNG|INFO|CAPTURE|FAIL\w*|SUCCEED|assert|NDEBUG|static_assert|alignas|alignof|asm|auto|bool|break|case|catch|char\w*|class|concept|const\w*|continue|decltype|default|delete|do|double|else|enum|explicit|export|extern|false|final|float|for|friend|goto|if|inline|int|long|mutable|namespace|new|noexcept|nullptr|operator|override|private|protected|public|register|requires|return|short|signed|sizeof|static\w*|struct|switch|template|this|thread_local|throw|true|try|typedef|typeid|typename|union|unsigned|using|virtual|void|volatile|while|main|std|__\w+)");
    return std::regex_match(name, reserved);
}

// The file by itself, as the compiler sees it after its macros, which stay in sight (-dD).
std::string preprocess(const Stage& stage, const std::string& file, const Sandbox& sandbox) {
    const Recipe& recipe = stage.exercise().recipes.at("release");
    std::vector<std::string> arguments{stage.exercise().compiler, "-E", "-dD", "-x", "c++"};
    arguments.insert(arguments.end(), recipe.options.begin(), recipe.options.end());
    arguments.push_back("-I" + stage.source().string());
    for (const fs::path& include : recipe.includes)
        arguments.push_back("-I" + include.string());
    const fs::path output = stage.work() / (file + ".preprocessed");
    make_writable_file(output);
    arguments.insert(arguments.end(), {(stage.source() / file).string(), "-o", output.string()});
    std::vector<fs::path> readable = recipe.readable;
    readable.push_back(stage.source());
    const Outcome outcome = sandbox.run({.arguments = arguments,
                                         .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"},
                                         .directory = stage.work(),
                                         .limit = std::chrono::seconds(30)},
                                        {.readable = readable, .writable = {output}});
    return outcome.ok() ? read_file(output) : std::string();
}

// Reads the output of `-E -dD`: which macros the file defines and leaves, and which files it reads.
std::vector<Flag> inspect_preprocessed(const std::string& text, const Stage& stage,
                                       const std::string& file) {
    std::vector<Flag> flags;
    std::map<std::string, long> left;
    std::set<std::string> outside;
    const std::string mine = stage.source().string() + "/";
    const fs::path common = stage.exercise().folder.parent_path() / "common";
    std::string current;
    long line = 0;
    long include_line = 0;
    static const std::regex marker(R"(^# (\d+) "([^"]*)\"(.*)$)");
    static const std::regex directive(R"(^#\s*(define|undef)\s+(\w+))");
    std::istringstream in(text);
    std::smatch match;
    for (std::string row; std::getline(in, row); ++line) {
        if (std::regex_search(row, match, marker)) {
            if (current.starts_with(mine)) include_line = line;
            current = match[2];
            line = std::stol(match[1]) - 1;
            const bool known =
                current.starts_with(mine) || current.starts_with('<') ||
                current.starts_with("/usr/") || current.ends_with("//") ||  // the working folder

                current.starts_with(common.string()) || fs::path(current).filename() == file;
            if (!known && outside.insert(current).second)
                flags.push_back({.attack = true,
                                 .file = file,
                                 .line = include_line,
                                 .what = "an include from outside: " + stage.readable(current)});
        } else if (current.starts_with(mine) && std::regex_search(row, match, directive)) {
            if (match[1] == "undef")
                left.erase(match[2]);
            else
                left[match[2]] = line;
            if (reserved_macro(match[2]))
                flags.push_back({.attack = true,
                                 .file = fs::path(current).filename().string(),
                                 .line = line,
                                 .what = "changes what " + match[2].str() + " means"});
        }
    }
    for (const auto& [name, where] : left)
        if (file.ends_with(".hpp") && !reserved_macro(name))
            flags.push_back({.file = file, .line = where, .what = "leaves the macro " + name});
    return flags;
}

// Functions that no exercise's contract needs; what the reference calls is allowed.
bool suspicious_call(const std::string& symbol) {
    static const std::set<std::string> calls = {"exit",
                                                "_exit",
                                                "_Exit",
                                                "quick_exit",
                                                "atexit",
                                                "at_quick_exit",
                                                "on_exit",
                                                "execve",
                                                "execv",
                                                "execvp",
                                                "execl",
                                                "execlp",
                                                "fork",
                                                "vfork",
                                                "clone",
                                                "posix_spawn",
                                                "system",
                                                "popen",
                                                "ptrace",
                                                "process_vm_writev",
                                                "syscall",
                                                "dlopen",
                                                "dlsym",
                                                "dlvsym",
                                                "signal",
                                                "sigaction",
                                                "sigprocmask",
                                                "kill",
                                                "raise",
                                                "tgkill",
                                                "alarm",
                                                "setitimer",
                                                "longjmp",
                                                "siglongjmp",
                                                "__longjmp_chk",
                                                "_longjmp",
                                                "socket",
                                                "connect",
                                                "open",
                                                "open64",
                                                "openat",
                                                "fopen",
                                                "fopen64",
                                                "fdopen",
                                                "dup",
                                                "dup2",
                                                "write",
                                                "pwrite",
                                                "pwrite64",
                                                "readlink",
                                                "opendir",
                                                "unlink",
                                                "rename",
                                                "mkfifo",
                                                "personality",
                                                "prctl",
                                                "setrlimit",
                                                "setrlimit64",
                                                "mprotect",
                                                "mmap",
                                                "mmap64",
                                                "clock_gettime",
                                                "gettimeofday",
                                                "time",
                                                "times",
                                                "getrusage",
                                                "getenv",
                                                "secure_getenv",
                                                "setenv",
                                                "putenv",
                                                "daemon",
                                                "setsid",
                                                "pthread_atfork",
                                                "nanosleep",
                                                "usleep",
                                                "sleep",
                                                "clock_nanosleep",
                                                "std::chrono::_V2::steady_clock::now()",
                                                "std::chrono::_V2::system_clock::now()"};
    return calls.contains(symbol);
}

// Defined by a submission, these replace what the suite measures with or the system runs on.
bool suspicious_definition(const std::string& symbol) {
    static const std::regex names(
        R"(main|operator (new|delete).*|_start|_init|_fini|malloc|calloc|realloc|free|memalign|aligned_alloc|posix_memalign|__libc_\w+|pthread_\w+|sem_\w+|syscall|dlsym|clock_gettime|gettimeofday|exit|_exit|abort|write|open|read|mmap|memcpy|memcmp|memset|str\w+|printf|puts|__\w+_chk|__asan_\w+|__tsan_\w+|__ubsan_\w+|__lsan_\w+|__sanitizer_\w+|__cxa_\w+|_Unwind_\w+|Catch::.*|cacheline::support::.*|std::.*)");
    return std::regex_match(symbol, names);
}

std::set<std::string> symbols(const Stage& stage, const Sandbox& sandbox, const char* which) {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(stage.work() / "release")) {
        if (entry.path().extension() != ".o") continue;
        const Outcome outcome =
            sandbox.run({.arguments = {"/usr/bin/nm", "-C", "-P", which, entry.path().string()},
                         .environment = {"LC_ALL=C.UTF-8"}},
                        {.readable = {entry.path()}});
        std::istringstream in(outcome.output);
        // "name T value size"; weak definitions are templates and inline functions.
        static const std::regex row(R"(^(.*) ([A-Za-z])( [0-9a-f]*)*$)");
        for (std::string line; std::getline(in, line);) {
            std::smatch match;
            if (!std::regex_match(line, match, row)) continue;
            const std::string kind = match[2];
            if (kind == "U" || kind == "T" || kind == "D" || kind == "B" || kind == "i")
                found.insert(match[1]);
        }
    }
    return found;
}

}  // namespace

std::vector<Flag> inspect(const Stage& stage, const Stage& reference, const Sandbox& sandbox) {
    std::vector<Flag> flags;
    const Exercise& exercise = stage.exercise();
    const auto take = [&](std::vector<Flag> more) {
        for (Flag& flag : more) {
            const bool allowed = std::ranges::any_of(exercise.allow, [&](const std::string& text) {
                return flag.what.find(text) != std::string::npos;
            });
            if (allowed) continue;
            flag.exercise = exercise.name;
            flags.push_back(std::move(flag));
        }
    };
    for (const std::string& file : exercise.edit) {
        if (!fs::exists(stage.source() / file)) continue;
        take(inspect_text(file, read_file(stage.source() / file)));
        take(inspect_preprocessed(preprocess(stage, file, sandbox), stage, file));
    }
    if (!fs::exists(stage.work() / "release") || !fs::exists(reference.work() / "release"))
        return flags;
    const std::set<std::string> known_calls = symbols(reference, sandbox, "-u");
    for (const std::string& symbol : symbols(stage, sandbox, "-u")) {
        const std::string name = symbol.substr(0, symbol.find('@'));
        if (suspicious_call(name) && !known_calls.contains(symbol))
            take({{.what = "calls " + name}});
    }
    const std::set<std::string> known_definitions = symbols(reference, sandbox, "--defined-only");
    for (const std::string& symbol : symbols(stage, sandbox, "--defined-only")) {
        const std::string name = symbol.substr(0, symbol.find('('));
        if (suspicious_definition(name) && !known_definitions.contains(symbol))
            take({{.attack = true, .what = "defines " + symbol}});
    }
    return flags;
}

}  // namespace cacheline::grader
