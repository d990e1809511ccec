// attack: puts a GitHub workflow command into the compiler's message
// stopped by: the reports: text of others can't begin a line
// soundly
// ends as: not built

#pragma once

static_assert(false, "\n::error file=a.cpp,line=1::forged\n::set-output name=points::100");

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
