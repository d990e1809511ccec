// attack: includes itself without end
// stopped by: the compiler's limit on depth, and ours on compilers
// soundly
// ends as: not built

#include __FILE__
#include __FILE__

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
