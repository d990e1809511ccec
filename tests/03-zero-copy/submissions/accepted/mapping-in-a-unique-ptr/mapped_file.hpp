// accepted: a unique_ptr whose deleter unmaps; filesystem_error for what goes wrong
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace cacheline {

class MappedFile {
public:
    explicit MappedFile(const std::string& path) {
        // Looked at before it is opened, and again: it may be another file by then.
        struct stat status {};
        if (stat(path.c_str(), &status) != 0) fail(path);
        if (!S_ISREG(status.st_mode)) {
            errno = EINVAL;
            fail(path);
        }
        const int file = open(path.c_str(), O_RDONLY | O_NONBLOCK);
        if (file == -1) fail(path);
        fstat(file, &status);
        const auto size = static_cast<std::size_t>(status.st_size);
        void* map = nullptr;
        if (!S_ISREG(status.st_mode)) {
            map = MAP_FAILED;
            errno = EINVAL;
        } else if (size != 0) {
            map = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
        }
        const int error = errno;
        close(file);
        errno = error;
        if (map == MAP_FAILED) fail(path);
        map_ = {static_cast<const char*>(map), Unmap{size}};
    }

    std::string_view text() const { return {map_.get(), map_ ? map_.get_deleter().size : 0}; }
    std::span<const std::byte> bytes() const { return std::as_bytes(std::span(text())); }
    const char* data() const { return map_.get(); }
    std::size_t size() const { return text().size(); }

private:
    struct Unmap {
        std::size_t size;
        void operator()(const char* map) const { munmap(const_cast<char*>(map), size); }
    };

    [[noreturn]] static void fail(const std::string& path) {
        throw std::filesystem::filesystem_error("cannot map", path,
                                                std::error_code(errno, std::generic_category()));
    }

    std::unique_ptr<const char, Unmap> map_{nullptr, Unmap{0}};
};

}  // namespace cacheline
