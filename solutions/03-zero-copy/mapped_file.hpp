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

/// A regular file's bytes as memory (mmap): no byte is copied to this process. They stay for as
/// long as this object; give it to SharedBytes::adopt to have slices that keep it.
class MappedFile {
public:
    /// Maps the file for reading; an empty one has no bytes. No descriptor stays open.
    ///
    /// Throws std::system_error with the system's error code, and the path in its message: where
    /// there is no such file, where it may not be read, and for anything that is no regular file (a
    /// folder, a pipe, a socket, a device). It refuses those at once: a pipe that nobody writes to
    /// keeps nobody waiting.
    explicit MappedFile(const std::string& path) {
        const Descriptor file(open(path));
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

    // Movable, not copyable; the other is empty afterwards. The destructor returns the memory.
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

    // O_NONBLOCK and O_NOCTTY because nobody knows yet what kind of file this is: opening a pipe
    // would wait for a writer, opening a terminal could make it this process's own. A regular file
    // is affected in one case only: if another process has a lease on it (fcntl's F_SETLEASE),
    // O_NONBLOCK makes open fail where it would wait for the lease to be given up. So then it is
    // asked again, without.
    static int open(const std::string& path) noexcept {
        constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
        const int opened = ::open(path.c_str(), kFlags | O_NONBLOCK);
        if (opened < 0 && errno == EWOULDBLOCK) return ::open(path.c_str(), kFlags);
        return opened;
    }

    [[noreturn]] static void fail(const char* what, const std::string& path, int error) {
        throw std::system_error(error, std::generic_category(),
                                std::string("cannot ") + what + " \"" + path + '"');
    }

    const char* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace cacheline
