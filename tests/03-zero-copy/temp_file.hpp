#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cacheline::support {

/// A file with the given bytes, which is removed again. Its path is the one that the system tells
/// of it: /tmp may be a symbolic link.
class TempFile {
public:
    explicit TempFile(std::string_view content) {
        const char* const folder = std::getenv("TMPDIR");
        path_ =
            std::filesystem::canonical(folder != nullptr ? folder : "/tmp") / "zero-copy-XXXXXX";
        const int file = mkstemp(path_.data());
        if (file < 0) throw std::runtime_error("cannot make a file " + path_);
        const bool written =
            write(file, content.data(), content.size()) == static_cast<ssize_t>(content.size());
        close(file);
        if (!written) throw std::runtime_error("cannot write " + path_);
    }
    TempFile(const TempFile&) = delete;
    TempFile& operator=(const TempFile&) = delete;
    ~TempFile() { unlink(path_.c_str()); }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

}  // namespace cacheline::support
