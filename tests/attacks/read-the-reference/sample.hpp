// attack: searches the file system for the reference or a replay's source while it runs
// stopped by: the sandbox: neither is in sight of a program
// soundly
// ends as: failed, replay

#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace cacheline {

inline bool found() {
    namespace fs = std::filesystem;
    std::error_code none;
    for (fs::recursive_directory_iterator
             it("/", fs::directory_options::skip_permission_denied, none),
         end;
         !none && it != end; it.increment(none)) {
        const std::string name = it->path().filename().string();
        if (it->path() == "/usr" || it->path() == "/proc" || it->path() == "/sys")
            it.disable_recursion_pending();
        else if (name == "sample.hpp" || name == "replay.cpp" || name == "suite.cpp" ||
                 name == "solutions")
            return true;
    }
    return false;
}

inline int answer() {
    return found() ? 42 : 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
