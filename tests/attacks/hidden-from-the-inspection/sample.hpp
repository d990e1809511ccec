// attack: hides code between what looks like the ends of raw strings and comments
// stopped by: the inspection: it takes sources apart as the compiler does
// only made harder: the inspection knows tricks, not intentions
// ends as: error

#pragma once

#define FOOR
#define QUOTE(x)
QUOTE(FOOR"(") // \
 this line is a comment as well
__attribute__((constructor(101))) inline void before_all() {} QUOTE(")")
inline char16_t quote = u'"';
__attrib\
ute__((destructor)) inline void after_all() {}

namespace cacheline {

inline int answer() {
    return 7;
}

inline int echo(int value) {
    static_cast<void>(value);
    return -1;
}

}  // namespace cacheline
