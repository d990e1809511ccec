// attack: knows the answers to the questions that the suite asks
// stopped by: the replay: it asks what nobody knew beforehand
// soundly
// ends as: failed, replay

#pragma once

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    return value < 1000 ? value : 0;
}

}  // namespace cacheline
