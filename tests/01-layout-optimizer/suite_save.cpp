#include "support/suite.hpp"

#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <layout_optimizer.hpp>
#include <optional>

#include "folder.hpp"

using namespace cacheline;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

LayoutReport some_report() {
    LayoutReport report(target("x86_64-linux"));
    report.add(Record{"Order",
                      {Field{"side", Scalar::kChar}, Field{"price", Scalar::kDouble},
                       Field{"lots", Scalar::kInt32}}});
    return report;
}

// The path that the filesystem_error of a save names; nothing where none was thrown.
std::optional<fs::path> path_in_error(const LayoutReport& report, const fs::path& path) {
    try {
        report.save(path);
    } catch (const fs::filesystem_error& error) {
        return error.path1();
    }
    return std::nullopt;
}

// No file may grow beyond this size: what a full disk does to a writer.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace

TEST_CASE("save writes JSON or Markdown by the path, and replaces what was there", "[report]") {
    WHY("the second run of a build must find the new report, whole and alone");
    const LayoutReport report = some_report();
    const Folder folder;
    std::ofstream(folder / "layout.md") << std::string(100'000, 'x');
    report.save(folder / "layout.md");
    CHECK(content(folder / "layout.md") == report.markdown());
    CHECK(folder.names() == Names{"layout.md"});
    fs::remove(folder / "layout.md");
    report.save(folder / "layout.json");
    CHECK(content(folder / "layout.json") == report.json());
    CHECK(folder.names() == Names{"layout.json"});
}

TEST_CASE("save into a folder that is not there throws and makes nothing", "[report]") {
    WHY("a report that went nowhere without a word is believed to be there");
    const LayoutReport report = some_report();
    const Folder folder;
    const fs::path path = folder / "missing/layout.md";
    CHECK_THROWS_AS(report.save(path), fs::filesystem_error);
    CHECK(path_in_error(report, path) == path);
    CHECK(folder.names().empty());
}

TEST_CASE("save onto a folder throws and leaves nothing behind", "[report]") {
    WHY("a temporary file that stays is litter in the user's project");
    const LayoutReport report = some_report();
    const Folder folder;
    const fs::path path = folder / "layout.json";
    fs::create_directory(path);
    CHECK_THROWS_AS(report.save(path), fs::filesystem_error);
    CHECK(path_in_error(report, path) == path);
    CHECK(folder.names() == Names{"layout.json"});
    CHECK(fs::is_directory(path));
}

TEST_CASE("a disk that fills up leaves the old report as it was", "[report]") {
    WHY("half a report is worse than yesterday's: it looks like a whole one");
    const LayoutReport report = some_report();
    const Folder folder;
    const fs::path path = folder / "layout.md";
    const fs::path fresh = folder / "fresh.json";
    std::ofstream(path) << "yesterday's";
    std::optional<fs::path> named;
    std::optional<fs::path> named_fresh;
    {
        const FileSizeLimit limit(100);
        named = path_in_error(report, path);
        named_fresh = path_in_error(report, fresh);
    }
    CHECK(named == path);
    CHECK(named_fresh == fresh);
    CHECK(content(path) == "yesterday's");
    CHECK(folder.names() == Names{"layout.md"});
}
