// attack: gives the first answer again, whatever is asked
// stopped by: the replay: it asks more than once
// soundly
// ends as: replay, failed

#pragma once

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static const int first = value;
    return first;
}

}  // namespace cacheline
