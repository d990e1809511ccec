// attack: turns the exit status into 0 in a destructor after main
// stopped by: the report: it names the checks that failed
// soundly
// ends as: failed, replay

#pragma once

#include <cstdlib>

namespace cacheline {

struct Last {
    ~Last() { std::_Exit(0); }
};
inline const Last last;

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
