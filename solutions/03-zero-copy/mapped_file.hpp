#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace cacheline {

/// A file's bytes as memory: the pages come from the page cache when they are touched, and no byte
/// is copied to this process.
class MappedFile {
public:
    explicit MappedFile(const std::string& path) {
        const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        struct stat status {};
        if (file.number < 0 || ::fstat(file.number, &status) != 0) fail("open", path, errno);
        if (S_ISDIR(status.st_mode)) fail("map", path, EISDIR);
        if (!S_ISREG(status.st_mode)) fail("map", path, ENODEV);
        size_ = static_cast<std::size_t>(status.st_size);
        if (size_ == 0) return;  // mmap refuses a length of 0
        // MAP_POPULATE enters all pages at once: an eighth of the price of a fault for each few.
        void* const map =
            ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file.number, 0);
        if (map == MAP_FAILED) fail("map", path, errno);
        data_ = static_cast<const char*>(map);
    }

    ~MappedFile() {
        if (data_ != nullptr) ::munmap(const_cast<char*>(data_), size_);
    }

    MappedFile(MappedFile&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

    MappedFile& operator=(MappedFile&& other) noexcept {
        MappedFile moved(std::move(other));
        std::swap(data_, moved.data_);
        std::swap(size_, moved.size_);
        return *this;
    }

    [[nodiscard]] std::string_view text() const noexcept { return {data_, size_}; }

    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
        return std::as_bytes(std::span(text()));
    }

    [[nodiscard]] const char* data() const noexcept { return data_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    // Closed on every way out; the mapping does not need it.
    struct Descriptor {
        explicit Descriptor(int opened) noexcept : number(opened) {}
        Descriptor(const Descriptor&) = delete;
        Descriptor& operator=(const Descriptor&) = delete;
        ~Descriptor() {
            if (number >= 0) ::close(number);
        }
        int number;
    };

    [[noreturn]] static void fail(const char* what, const std::string& path, int error) {
        throw std::system_error(error, std::generic_category(),
                                std::string("cannot ") + what + " \"" + path + '"');
    }

    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace cacheline
