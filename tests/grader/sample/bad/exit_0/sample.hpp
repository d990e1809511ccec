// bad: [failed] the program ended (status 0) before the test case was over: does your code call exit?

#pragma once

#include <cstdlib>

namespace cacheline {

inline int answer() { std::exit(0); }

inline int echo(int value) { return value; }

}  // namespace cacheline
