// attack: has an early return that editors show as part of a comment
// stopped by: the replay: the compiler is not fooled; the inspection tells the reader
// soundly
// ends as: failed, replay

#pragma once

namespace cacheline {

// the answer is known: ‮⁦ return 42; ⁩⁦

inline int answer() {
    /* ‮ } ⁦ if (true) ⁩ ⁦ begin */ return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
