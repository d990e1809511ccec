// attack: has bytes in its source that are no text
// stopped by: the reports: what is no text is replaced
// soundly
// ends as: failed, replay

#pragma once

namespace cacheline {

// ÿþÀ€ í €

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
