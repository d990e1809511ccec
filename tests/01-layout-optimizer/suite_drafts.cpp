// save beside other people's files.

#include "support/suite.hpp"

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <layout_optimizer.hpp>
#include <set>

#include "folder.hpp"

using namespace cacheline;
namespace fs = std::filesystem;

namespace {

// The names of the files that come into being in a folder.
class Watch {
public:
    explicit Watch(const fs::path& folder) : queue_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
        if (queue_ < 0 || inotify_add_watch(queue_, folder.c_str(), IN_CREATE) < 0)
            throw std::runtime_error("cannot watch the folder");
    }
    ~Watch() { close(queue_); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    [[nodiscard]] std::set<std::string> names() const {
        std::set<std::string> names;
        alignas(inotify_event) std::array<char, 16384> buffer{};
        for (;;) {
            const ssize_t size = read(queue_, buffer.data(), buffer.size());
            if (size <= 0) return names;
            for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
                const auto* const event =
                    reinterpret_cast<const inotify_event*>(buffer.data() + at);
                if (event->len != 0) names.insert(event->name);
                at += sizeof(inotify_event) + event->len;
            }
        }
    }

private:
    int queue_;
};

LayoutReport short_report() {
    LayoutReport report(target("x86_64-linux"));
    report.add(Record{"R", {Field{"c", Scalar::kChar}, Field{"d", Scalar::kDouble}}});
    return report;
}

}  // namespace

TEST_CASE("save writes to no file but its own", "[report]") {
    WHY("a draft with a name that can be foreseen destroys the file that has it already");
    const LayoutReport report = short_report();
    const Folder folder;
    std::set<std::string> drafts;
    {
        const Watch watch(folder.path());
        report.save(folder / "layout.md");
        drafts = watch.names();
    }
    drafts.erase("layout.md");
    // What a draft was called once may be a user's file the next time.
    drafts.insert({"layout.md.partial", "layout.md.tmp", "layout.md~", ".layout.md.swp"});
    for (const std::string& name : drafts)
        std::ofstream(folder / name) << "the user's " << name;
    CHECK_NOTHROW(report.save(folder / "layout.md"));
    std::vector<std::string> destroyed;
    for (const std::string& name : drafts)
        if (content(folder / name) != "the user's " + name) destroyed.push_back(name);
    CHECK(destroyed == std::vector<std::string>{});
    CHECK(content(folder / "layout.md") == report.markdown());
    CHECK(folder.names().size() == drafts.size() + 1);
}

TEST_CASE("any name that the file system takes is good", "[report]") {
    WHY("a draft that is called like the report and a bit more does not fit where the report does");
    const LayoutReport report = short_report();
    const Folder folder;
    for (const std::size_t length : {255U, 253U, 248U, 8U}) {
        const std::string name = std::string(length - 3, 'x') + ".md";
        INFO("a name of " << length << " bytes");
        CHECK_NOTHROW(report.save(folder / name));
        CHECK(content(folder / name) == report.markdown());
    }
}

TEST_CASE("a path that ends in .json gets JSON, whatever stands before", "[report]") {
    WHY("what the contract calls an ending is not what std::filesystem calls an extension");
    const LayoutReport report = short_report();
    const Folder folder;
    for (const char* name : {".json", "a.b.json", "layout.json"}) {
        INFO(name);
        report.save(folder / name);
        CHECK(content(folder / name) == report.json());
    }
    for (const char* name : {"json", "layout.json.md", "layout.JSON"}) {
        INFO(name);
        report.save(folder / name);
        CHECK(content(folder / name) == report.markdown());
    }
}

TEST_CASE("save needs no other folder", "[report]") {
    WHY("a draft elsewhere may be on another device, and rename does not go from one to the next");
    const LayoutReport report = short_report();
    // A folder on another device than the one for temporary files, where there is one.
    struct stat there {};
    struct stat here {};
    const bool other = stat("/dev/shm", &there) == 0 && stat("/tmp", &here) == 0 &&
                       there.st_dev != here.st_dev && access("/dev/shm", W_OK) == 0;
    const Folder folder(other ? fs::path("/dev/shm") : fs::temp_directory_path());
    const Folder temporary;
    const char* const before = std::getenv("TMPDIR");
    const std::string kept = before == nullptr ? "" : before;
    setenv("TMPDIR", temporary.path().c_str(), 1);
    std::set<std::string> elsewhere;
    {
        const Watch watch(temporary.path());
        CHECK_NOTHROW(report.save(folder / "layout.md"));
        elsewhere = watch.names();
    }
    before == nullptr ? unsetenv("TMPDIR") : setenv("TMPDIR", kept.c_str(), 1);
    CHECK(elsewhere == std::set<std::string>{});
    CHECK(content(folder / "layout.md") == report.markdown());
}
