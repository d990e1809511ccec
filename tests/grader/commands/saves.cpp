#include "commands/saves.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace cacheline::grader {

Saves::Saves(const std::filesystem::path& folder, std::function<bool(const std::string&)> counts)
    : counts_(std::move(counts)), descriptor_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    // The folder and not the files: a file that is renamed over is another file.
    if (descriptor_ < 0 ||
        inotify_add_watch(descriptor_, folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
        const int error = errno;
        if (descriptor_ >= 0) close(descriptor_);
        throw std::system_error(error, std::generic_category(), "inotify on " + folder.string());
    }
}

Saves::~Saves() {
    close(descriptor_);
}

bool Saves::take() const {
    bool saved = false;
    alignas(inotify_event) std::array<char, 4096> buffer;
    for (ssize_t size; (size = read(descriptor_, buffer.data(), buffer.size())) > 0;) {
        for (ssize_t at = 0; at < size;) {
            const auto* const event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
            if (event->len != 0 && counts_(event->name)) saved = true;
            at += static_cast<ssize_t>(sizeof *event + event->len);
        }
    }
    return saved;
}

}  // namespace cacheline::grader
