// attack: prints GitHub workflow commands
// stopped by: the grader: it prints nothing of what a submission prints
// soundly
// ends as: failed, replay

#pragma once

#include <iostream>

namespace cacheline {

inline int answer() {
    std::cout << "\n::set-output name=points::100\n::stop-commands::never\n::error::forged\n"
              << "##[error]forged\n::add-mask::0" << std::endl;
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
