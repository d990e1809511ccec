// LayoutReport::save: a draft beside the file, then a new name for it.

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

#include "layout_optimizer.hpp"

namespace cacheline {
namespace {

namespace fs = std::filesystem;

// Renamed, it replaces the old file in one step or not at all. Only within a folder is that sure to
// work: another may be on another device.
class Draft {
public:
    explicit Draft(const fs::path& beside) {
        std::random_device random;
        // The mode "x" refuses a name that is taken, by a file of the user's or by another draft:
        // two that save at once get a draft each. The name does not grow with the report's.
        do {
            path_ = beside;
            path_.replace_filename(".layout-" + std::to_string(random()) + ".draft");
            errno = 0;
            file_.reset(std::fopen(path_.string().c_str(), "wbx"));
        } while (!file_ && errno == EEXIST);
        if (!file_) fail();
    }
    ~Draft() {
        file_.reset();
        std::error_code ignored;
        if (!path_.empty()) fs::remove(path_, ignored);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    void write(std::string_view text) {
        errno = 0;
        if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) fail();
        // A full disk may come to light only when the last buffer is written out: at close.
        if (std::fclose(file_.release()) != 0) fail();
    }
    void rename_to(const fs::path& path) {
        fs::rename(path_, path);
        path_.clear();
    }

private:
    [[noreturn]] static void fail() {
        throw std::system_error(errno == 0 ? EIO : errno, std::generic_category());
    }

    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    fs::path path_;  // empty when it is no draft any more
    std::unique_ptr<std::FILE, Close> file_;
};

}  // namespace

void LayoutReport::save(const fs::path& path) const {
    const std::string text = path.string().ends_with(".json") ? json() : markdown();
    try {
        Draft draft(path);
        draft.write(text);
        draft.rename_to(path);
    } catch (const std::system_error& error) {
        throw fs::filesystem_error("the report was not saved", path, error.code());
    }
}

}  // namespace cacheline
