#include "inspection.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <sstream>
#include <string_view>

#include "files.hpp"
#include "own_files.hpp"
#include "source_text.hpp"

namespace cacheline::grader {

namespace fs = std::filesystem;

namespace {

// A word that gives something away.
struct WordRule {
    bool attack;
    std::string_view word;
    bool prefix;        // anything that begins so
    bool before_paren;  // only where it is called
    const char* what;
};

constexpr WordRule kWordRules[] = {
    {true, "main", false, true, "a main of its own"},
    {true, "Catch", false, false, "Catch2's own names"},
    {true, "CATCH_", true, false, "Catch2's own macros"},
    {true, "INTERNAL_CATCH", true, false, "Catch2's own macros"},
    {true, "BENCHMARK_", true, false, "the benchmark library's own macros"},
    {true, "TEST_CASE", true, true, "the suite's macros"},
    {true, "SECTION", false, true, "the suite's macros"},
    {true, "REQUIRE", true, true, "the suite's macros"},
    {true, "CHECK", true, true, "the suite's macros"},
    {true, "SUCCEED", false, true, "the suite's macros"},
    {true, "CACHELINE_ASAN", false, false, "asks which build it is"},
    {true, "CACHELINE_TSAN", false, false, "asks which build it is"},
    {true, "__SANITIZE_", true, false, "asks which sanitizer is on"},
    {true, "__has_feature", false, false, "asks which sanitizer is on"},
    {true, "__asan_poison_memory_region", false, false, nullptr},
    {true, "__asan_unpoison_memory_region", false, false, nullptr},
    {true, "__asan_", true, false, "calls to a sanitizer's runtime"},
    {true, "__tsan_", true, false, "calls to a sanitizer's runtime"},
    {true, "__lsan_", true, false, "calls to a sanitizer's runtime"},
    {true, "__ubsan_", true, false, "calls to a sanitizer's runtime"},
    {true, "__sanitizer_", true, false, "calls to a sanitizer's runtime"},
    {true, "no_sanitize", true, false, "code hidden from the sanitizers"},
    {true, "no_address_safety_analysis", false, false, "code hidden from the sanitizers"},
    {true, "disable_sanitizer_instrumentation", false, false, "code hidden from the sanitizers"},
    {true, "no_instrument_function", false, false, "code hidden from the sanitizers"},
    {true, "__bss_start", false, false, "the linker's own names"},
    {true, "__data_start", false, false, "the linker's own names"},
    {false, "__BASE_FILE__", false, false, "asks which file includes it"},
    {false, "__INCLUDE_LEVEL__", false, false, "asks which file includes it"},
};

// Words in an attribute, without the underscores around them.
struct AttributeRule {
    bool attack;
    std::string_view word;
    const char* what;
};

constexpr AttributeRule kAttributeRules[] = {
    {true, "constructor", "a function that runs before main"},
    {true, "destructor", "a function that runs after main"},
    {true, "init_priority", "an object that is made before others"},
    {true, "section", "a section of the program chosen by hand"},
    {true, "ifunc", "a function that the loader chooses"},
    {true, "alias", "a function that takes another's name"},
    {true, "symver", "a function that takes another's name"},
    {true, "weak", "a definition that gives way to others"},
    {true, "weakref", "a definition that gives way to others"},
    {false, "optimize", "optimisation changed for one function"},
    {false, "optnone", "optimisation changed for one function"},
};

// Directives that an exercise needs; after # there may also be nothing.
constexpr std::string_view kDirectives[] = {"include", "define",  "undef",   "if",      "ifdef",
                                            "ifndef",  "else",    "elif",    "endif",   "error",
                                            "pragma",  "warning", "elifdef", "elifndef"};

// Pragmas that change what other code means; the rest changes at most how it is compiled.
constexpr std::string_view kHostilePragmas[] = {"redefine_extname", "weak",      "system_header",
                                                "push_macro",       "pop_macro", "poison",
                                                "init_seg",         "section"};

// Looked for in literals.
struct LiteralRule {
    std::string_view text;
    const char* what;
};

constexpr LiteralRule kLiteralRules[] = {
    {"/proc/", "a path into /proc"},
    {"CACHELINE_", "a name that only the suites and benchmarks use"},
    {"LD_PRELOAD", "LD_PRELOAD"},
    {"::set-output", "a GitHub workflow command"},
    {"::error", "a GitHub workflow command"},
    {"::warning", "a GitHub workflow command"},
    {"::notice", "a GitHub workflow command"},
    {"::add-mask", "a GitHub workflow command"},
    {"::stop-commands", "a GitHub workflow command"},
};

// Assembly that leaves the function, asks the kernel or the clock. Directives begin with a dot.
constexpr std::string_view kInstructions[] = {
    "syscall", "sysenter", "int", "svc",  "smc", "hvc",    "brk",   "bl",   "blr",
    "call",    "jmp",      "ret", "iret", "br",  "rdtscp", "rdtsc", "rdpmc"};

constexpr std::string_view kHarmlessAssembly[] = {"nop",    "pause",  "yield", "isb",
                                                  "mfence", "lfence", "sfence"};

template <typename Range>
bool contains(const Range& range, std::string_view word) {
    return std::ranges::find(range, word) != std::ranges::end(range);
}

bool has_underscores(std::string_view word) {
    return word.size() > 4 && word.starts_with("__") && word.ends_with("__");
}

bool hostile_assembly(std::string text) {
    // "\\n" is two characters here.
    for (std::size_t at = 0; (at = text.find('\\', at)) != std::string::npos;)
        text.replace(at, 2, " ");
    std::string word;
    for (const char c : text + ' ') {
        if (std::isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_') {
            word += c;
            continue;
        }
        if (word.find('.') != std::string::npos || contains(kInstructions, word)) return true;
        word.clear();
    }
    return false;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    });
}

// Macros with which the language or the suite would no longer mean what they say.
bool reserved_macro(const std::string& name);

// Looks through one file's tokens, before or after the preprocessor.
class TokenInspection {
public:
    TokenInspection(std::string file, const std::vector<Token>& tokens)
        : file_(std::move(file)), tokens_(tokens) {}

    std::vector<Flag> run() {
        for (at_ = 0; at_ < tokens_.size(); ++at_) {
            const Token& token = tokens_[at_];
            follow_attributes(token);
            if (token.kind == Token::Kind::literal)
                look_at_literal(token);
            else if (token.kind == Token::Kind::word)
                look_at_word(token);
            else if (token.is("#") && token.directive &&
                     (at_ == 0 || !before().directive || before().line != token.line))
                look_at_directive();
            else if (token.is("##"))
                flag(false, token.line, "names glued together by a macro");
        }
        return std::move(flags_);
    }

private:
    const Token& next(std::size_t further = 1) const {
        static const Token none;
        return at_ + further < tokens_.size() ? tokens_[at_ + further] : none;
    }
    const Token& before() const {
        static const Token none;
        return at_ == 0 ? none : tokens_[at_ - 1];
    }

    void flag(bool attack, long line, std::string what) {
        const bool known =
            std::ranges::any_of(flags_, [&](const Flag& other) { return other.what == what; });
        if (!known)
            flags_.push_back(
                {.attack = attack, .file = file_, .line = line, .what = std::move(what)});
    }

    // Within __attribute__((…)) or [[…]].
    void follow_attributes(const Token& token) {
        if (token.is("[[")) {
            in_brackets_ = true;
        } else if (token.is("]]") || token.is(";")) {
            in_brackets_ = false;
        } else if (token.is_word("__attribute__") || token.is_word("__attribute")) {
            depth_ = 0;
            in_attribute_ = true;
        } else if (in_attribute_ && token.is("(")) {
            ++depth_;
        } else if (in_attribute_ && token.is(")")) {
            in_attribute_ = --depth_ > 0;
        }
    }

    void look_at_literal(const Token& token) {
        for (const LiteralRule& rule : kLiteralRules)
            if (token.text.find(rule.text) != std::string::npos && !includes(token))
                flag(true, token.line, std::string(rule.what) + ": " + std::string(rule.text));
        // An attribute's name may stand in a pragma's text.
        if (token.text.find("no_sanitize") != std::string::npos)
            flag(true, token.line, "code hidden from the sanitizers: no_sanitize");
    }

    // The name of a header is judged by where it leads.
    bool includes(const Token& token) const {
        return token.directive && token.text.find("/proc/") == std::string::npos &&
               before().is_word("include");
    }

    void look_at_word(const Token& token) {
        const std::string word = token.text.substr(0, 200);
        for (const WordRule& rule : kWordRules) {
            if (rule.prefix ? !word.starts_with(rule.word) : word != rule.word) continue;
            if (rule.before_paren && !next().is("(")) continue;
            if (rule.what != nullptr)
                flag(rule.attack, token.line, std::string(rule.what) + ": " + word);
            break;
        }
        if (word == "support" &&
            (before().is_word("namespace") || before().is("::") || next().is("::")))
            flag(true, token.line, "the suite's probes: support");
        if (in_attribute_ || in_brackets_) look_at_attribute(token, word);
        if (word == "asm" || word == "__asm__" || word == "__asm") look_at_assembly(token);
        if (word == "_Pragma" || word == "__pragma")
            flag(false, token.line, "a pragma that changes how it is compiled: " + word);
    }

    void look_at_attribute(const Token& token, std::string_view word) {
        if (has_underscores(word)) word = word.substr(2, word.size() - 4);
        for (const AttributeRule& rule : kAttributeRules)
            if (word == rule.word)
                flag(rule.attack, token.line, std::string(rule.what) + ": " + std::string(word));
        if (word.starts_with("no_sanitize"))
            flag(true, token.line, "code hidden from the sanitizers: " + std::string(word));
    }

    void look_at_assembly(const Token& token) {
        const Token previous = before();
        std::size_t further = 1;
        while (next(further).kind == Token::Kind::word)  // volatile, goto, inline
            ++further;
        if (!next(further).is("(") || next(further + 1).kind != Token::Kind::literal) {
            flag(false, token.line, "inline assembly");
            return;
        }
        const std::string& text = next(further + 1).text;
        if (hostile_assembly(text))
            flag(true, token.line, "assembly that does more than compute: " + text.substr(0, 80));
        else if (previous.is(")") && further == 1 && is_name(text) &&
                 !contains(kHarmlessAssembly, text))
            flag(true, token.line, "a function that takes another's name: " + text.substr(0, 80));
        else if (!text.empty() && !contains(kHarmlessAssembly, text))
            flag(false, token.line, "inline assembly: " + text.substr(0, 80));
    }

    void look_at_directive() {
        const Token& name = next();
        if (!name.directive || name.line != tokens_[at_].line) return;  // a # alone
        const Token& first = next(2);
        if (name.kind != Token::Kind::word || !contains(kDirectives, name.text))
            flag(true, name.line,
                 "a directive that no exercise needs: #" + name.text.substr(0, 80));
        else if ((name.text == "define" || name.text == "undef") && reserved_macro(first.text))
            flag(true, name.line, "changes what " + first.text.substr(0, 80) + " means");
        else if (name.text == "pragma")
            look_at_pragma();
    }

    void look_at_pragma() {
        for (std::size_t i = 2; next(i).directive && next(i).line == tokens_[at_].line; ++i) {
            const std::string& word = next(i).text;
            if (contains(kHostilePragmas, word))
                flag(true, next(i).line, "a pragma that changes what code means: " + word);
            else if (word == "optimize" || word == "attribute")
                flag(false, next(i).line, "a pragma that changes how it is compiled: " + word);
        }
    }

    std::string file_;
    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
    int depth_ = 0;
    bool in_attribute_ = false;
    bool in_brackets_ = false;
    std::vector<Flag> flags_;
};

long line_of(const std::string& text, std::size_t at) {
    return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
}

// Bidirectional controls (Boucher and Anderson, Trojan Source, 2021) and invisible characters.
void look_for_tricks(const std::string& file, const std::string& text, std::vector<Flag>& flags) {
    for (const char* const trick :
         {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
          "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\u00ad"}) {
        const std::size_t at = text.find(trick);
        if (at == std::string::npos) continue;
        flags.push_back({.attack = true,
                         .file = file,
                         .line = line_of(text, at),
                         .what = "invisible characters that make code read other than it runs"});
        return;
    }
}

}  // namespace

std::vector<Flag> inspect_text(const std::string& file, const std::string& text) {
    std::vector<Flag> flags = TokenInspection(file, tokens_of(text)).run();
    look_for_tricks(file, text, flags);
    return flags;
}

namespace {

bool reserved_macro(const std::string& name) {
    static const std::regex reserved(
        R"(REQUIRE\w*|CHECK\w*|TEST_CASE\w*|SECTION|WHY|SEEDED_RNG|INFO|CAPTURE|FAIL\w*|SUCCEED|assert|NDEBUG|static_assert|alignas|alignof|asm|auto|bool|break|case|catch|char\w*|class|concept|const\w*|continue|decltype|default|delete|do|double|else|enum|explicit|export|extern|false|final|float|for|friend|goto|if|inline|int|long|mutable|namespace|new|noexcept|nullptr|operator|override|private|protected|public|register|requires|return|short|signed|sizeof|static\w*|struct|switch|template|this|thread_local|throw|true|try|typedef|typeid|typename|union|unsigned|using|virtual|void|volatile|while|main|std|__\w+)");
    return name.size() < 100 && std::regex_match(name, reserved);
}

// The file by itself, as the compiler sees it after its macros, which stay in sight (-dD).
std::optional<std::string> preprocess(const Stage& stage, const std::string& file,
                                      const Sandbox& sandbox) {
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
    if (!outcome.ok()) return {};
    std::string text = read_file(output);
    if (text.empty()) throw UserError("The preprocessor ended well and left nothing.");
    return text;
}

// "# 12 "file" 3", which the preprocessor leaves where another file begins or goes on.
struct Marker {
    long line = 0;
    std::string file;
};

std::optional<Marker> marker_in(const std::string& row) {
    if (!row.starts_with("# ") || row.size() < 3 || row[2] < '0' || row[2] > '9') return {};
    const std::size_t open = row.find('"');
    const std::size_t close = row.rfind('"');
    if (open == close) return {};
    return Marker{.line = std::atol(row.c_str() + 2),
                  .file = row.substr(open + 1, close - open - 1)};
}

// The macro that "#define NAME …" or "#undef NAME" is about.
std::string macro_in(const std::string& row, std::string_view directive) {
    if (!row.starts_with(directive)) return {};
    const std::size_t end = row.find_first_of(" (", directive.size());
    return row.substr(directive.size(), std::min(end, row.size()) - directive.size());
}

// Reads the output of `-E -dD`: which macros the file defines and leaves, which files it reads, and
// what its own lines come to when their macros are gone.
std::vector<Flag> inspect_preprocessed(const std::string& text, const Stage& stage,
                                       const std::string& file) {
    std::vector<Flag> flags;
    std::map<std::string, long> left;
    std::set<std::string> outside;
    std::string own;
    std::vector<long> own_lines;
    const std::string mine = stage.source().string() + "/";
    // What every exercise may include beside its own files: exercises/common, and not the probes.
    std::string common = "/usr/";
    for (const fs::path& include : stage.exercise().recipes.at("release").includes)
        if (include.filename() == "common") common = include.string() + "/";
    std::string current;
    long line = 0;
    long include_line = 0;
    std::istringstream in(text);
    for (std::string row; std::getline(in, row); ++line) {
        if (const std::optional<Marker> marker = marker_in(row)) {
            if (current.starts_with(mine)) include_line = line;
            current = marker->file;
            line = marker->line - 1;
            const bool known = current.starts_with(mine) || current.starts_with('<') ||
                               current.starts_with("/usr/") ||
                               current.ends_with("//") ||  // the working folder
                               current.starts_with(common) || current == file;
            if (!known && outside.insert(current).second)
                flags.push_back({.attack = true,
                                 .file = file,
                                 .line = include_line,
                                 .what = "an include from outside: " + stage.readable(current)});
        } else if (current == mine + file) {
            if (const std::string name = macro_in(row, "#undef "); !name.empty()) {
                left.erase(name);
            } else if (const std::string defined = macro_in(row, "#define "); !defined.empty()) {
                left[defined] = line;
            } else {
                own += row + '\n';
                own_lines.push_back(line);
            }
        }
    }
    for (Flag& flag : TokenInspection(file, tokens_of(own)).run()) {
        flag.line = own_lines.at(static_cast<std::size_t>(flag.line) - 1);
        flags.push_back(std::move(flag));
    }
    for (const auto& [name, where] : left)
        if (!is_source(file) && !reserved_macro(name))
            flags.push_back({.file = file, .line = where, .what = "leaves the macro " + name});
    return flags;
}

// Functions that no exercise's contract needs; what the reference calls is allowed. The first list
// has no honest use at all.
bool hostile_call(const std::string& symbol) {
    static const std::set<std::string> calls = {"execl",
                                                "execle",
                                                "execlp",
                                                "execv",
                                                "execve",
                                                "execveat",
                                                "execvp",
                                                "fexecve",
                                                "fork",
                                                "vfork",
                                                "clone",
                                                "posix_spawn",
                                                "posix_spawnp",
                                                "system",
                                                "popen",
                                                "ptrace",
                                                "socket",
                                                "connect",
                                                "process_vm_readv",
                                                "process_vm_writev",
                                                "daemon",
                                                "dlvsym",
                                                "dlsym",
                                                "dlopen",
                                                "personality",
                                                "prctl",
                                                "__libc_malloc",
                                                "__libc_calloc",
                                                "__libc_realloc",
                                                "__libc_memalign",
                                                "__libc_free",
                                                "sbrk",
                                                "brk",
                                                "memfd_create",
                                                "shmget",
                                                "longjmp",
                                                "siglongjmp",
                                                "_longjmp",
                                                "__longjmp_chk",
                                                "environ",
                                                "__environ",
                                                "program_invocation_name",
                                                "program_invocation_short_name",
                                                "__progname",
                                                "__progname_full",
                                                "dl_iterate_phdr",
                                                "pthread_exit"};
    return calls.contains(symbol);
}

bool suspicious_call(const std::string& symbol) {
    static const std::set<std::string> calls = {"exit",
                                                "_exit",
                                                "_Exit",
                                                "quick_exit",
                                                "atexit",
                                                "at_quick_exit",
                                                "on_exit",
                                                "syscall",
                                                "signal",
                                                "sigaction",
                                                "sigprocmask",
                                                "kill",
                                                "raise",
                                                "tgkill",
                                                "alarm",
                                                "setitimer",
                                                "open",
                                                "open64",
                                                "openat",
                                                "openat64",
                                                "creat",
                                                "fopen",
                                                "fopen64",
                                                "fdopen",
                                                "freopen",
                                                "dup",
                                                "dup2",
                                                "dup3",
                                                "write",
                                                "pwrite",
                                                "pwrite64",
                                                "writev",
                                                "readlink",
                                                "opendir",
                                                "unlink",
                                                "rename",
                                                "mkfifo",
                                                "setrlimit",
                                                "setrlimit64",
                                                "mprotect",
                                                "mmap",
                                                "mmap64",
                                                "shm_open",
                                                "clock_gettime",
                                                "gettimeofday",
                                                "time",
                                                "times",
                                                "clock",
                                                "getrusage",
                                                "getenv",
                                                "secure_getenv",
                                                "setenv",
                                                "putenv",
                                                "getauxval",
                                                "setsid",
                                                "pthread_atfork",
                                                "nanosleep",
                                                "usleep",
                                                "sleep",
                                                "clock_nanosleep",
                                                "std::set_terminate",
                                                "std::basic_filebuf",
                                                "std::basic_ofstream",
                                                "std::basic_ifstream",
                                                "std::basic_fstream",
                                                "std::chrono::_V2::steady_clock::now",
                                                "std::chrono::_V2::system_clock::now"};
    return calls.contains(symbol);
}

// Defined by a submission, these replace what the suite measures with or the system runs on.
bool suspicious_definition(const std::string& symbol) {
    static const std::regex names(
        R"(main|operator (new|delete).*|_start|_init|_fini|malloc|calloc|realloc|free|memalign|aligned_alloc|posix_memalign|__libc_\w+|pthread_\w+|sem_\w+|syscall|dlsym|clock_gettime|gettimeofday|exit|_exit|abort|write|open|read|mmap|memcpy|memcmp|memset|str\w+|printf|puts|__\w+_chk|__asan_\w+|__tsan_\w+|__ubsan_\w+|__lsan_\w+|__sanitizer_\w+|__cxa_\w+|_Unwind_\w+|Catch::.*|cacheline::support::.*|std::.*)");
    return std::regex_match(symbol, names);
}

// In place of names that nobody has read.
constexpr const char* kTooMany = "more names than can be looked through";

struct Symbol {
    std::string name;
    char kind;
};

// "name T value size", where a name in C++ may have spaces and be as long as its author likes. Weak
// definitions are templates and inline functions, unless they have a plain C name.
std::optional<Symbol> symbol_in(std::string_view row) {
    while (row.ends_with(' '))
        row.remove_suffix(1);
    std::string_view kind;
    for (int words = 0; words < 3 && kind.empty(); ++words) {
        const std::string_view word = row.substr(row.rfind(' ') + 1);
        // With a value and a size behind it, it is the third word from the end.
        if (word.size() == 1 && std::isalpha(static_cast<unsigned char>(word[0])) &&
            (words == 2 || !std::isxdigit(static_cast<unsigned char>(word[0])) ||
             std::isupper(static_cast<unsigned char>(word[0]))))
            kind = word;
        else
            row.remove_suffix(std::min(word.size() + 1, row.size()));
    }
    if (kind.empty() || row.size() < 3) return {};
    Symbol symbol{.name = std::string(row.substr(0, std::min<std::size_t>(row.size() - 2, 500))),
                  .kind = kind.front()};
    const bool plain = symbol.name.find("::") == std::string::npos;
    if (std::string_view("UwTDBRiCSGA").find(symbol.kind) != std::string_view::npos) return symbol;
    if (std::string_view("WVv").find(symbol.kind) != std::string_view::npos && plain) return symbol;
    return {};
}

}  // namespace

Symbols symbols_of(const Stage& stage, const Sandbox& sandbox) {
    // Local names and instances of templates and inline functions are thousands; the latter are
    // weak but for operator new (_Zn) and delete (_Zd).
    constexpr const char* kCommand =
        "set -o pipefail; /usr/bin/nm -gP \"$1\" | "
        "{ /usr/bin/grep -Ev '^_Z[^nd][^ ]* [WVwv]' || [ $? = 1 ]; } | /usr/bin/c++filt";
    Symbols symbols;
    for (const auto& entry : fs::directory_iterator(stage.work() / "release")) {
        if (entry.path().extension() != ".o") continue;
        const Outcome outcome =
            sandbox.run({.arguments = {"/bin/bash", "-c", kCommand, "bash", entry.path().string()},
                         .environment = {"LC_ALL=C.UTF-8"}},
                        {.readable = {entry.path()}});
        const bool too_many = outcome.output_bytes > kKeptOutput;
        if (!outcome.ok() && !too_many)
            throw UserError("What the object calls and defines can't be read: " + outcome.output);
        for (const std::string& line : lines_of(outcome.output))
            if (const std::optional<Symbol> symbol = symbol_in(line))
                (symbol->kind == 'U' ? symbols.called : symbols.defined).insert(symbol->name);
        if (too_many) symbols.defined.insert(kTooMany);
    }
    return symbols;
}

std::vector<Flag> inspect(const Stage& stage, const Symbols& known, const Sandbox& sandbox) {
    std::vector<Flag> flags;
    const Exercise& exercise = stage.exercise();
    const auto take = [&](std::vector<Flag> more) {
        for (Flag& flag : more) {
            const bool allowed = std::ranges::any_of(exercise.allow, [&](const std::string& text) {
                return flag.what.find(text) != std::string::npos;
            });
            flag.exercise = exercise.name;
            // The same may be seen before and after the preprocessor.
            if (allowed || std::ranges::find(flags, flag) != flags.end()) continue;
            flags.push_back(std::move(flag));
        }
    };
    for (const std::string& file : stage.written()) {
        const bool built = fs::exists(stage.work() / "release" / exercise.name);
        if (!fs::exists(stage.source() / file)) {
            if (built) throw UserError(file + " vanished while it was graded.");
            continue;
        }
        take(inspect_text(file, read_file(stage.source() / file)));
        const std::optional<std::string> text = preprocess(stage, file, sandbox);
        if (text)
            take(inspect_preprocessed(*text, stage, file));
        else if (built)
            take({{.attack = true, .file = file, .what = "it shows itself to the suite alone"}});
    }
    if (!fs::exists(stage.work() / "release")) return flags;
    const Symbols symbols = symbols_of(stage, sandbox);
    for (const std::string& symbol : symbols.called) {
        const std::string name = symbol.substr(0, symbol.find_first_of("@(<"));
        const bool hostile = hostile_call(name);
        if ((hostile || suspicious_call(name)) && !known.called.contains(symbol))
            take({{.attack = hostile, .what = "calls " + name}});
    }
    for (const std::string& symbol : symbols.defined) {
        const std::string name = symbol.substr(0, symbol.find('('));
        if ((suspicious_definition(name) || symbol == kTooMany) && !known.defined.contains(symbol))
            take({{.attack = true, .what = "defines " + symbol}});
    }
    return flags;
}

}  // namespace cacheline::grader
