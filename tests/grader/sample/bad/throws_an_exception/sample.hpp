// bad: [failed] your code threw an exception: the answer is not known

#pragma once

#include <stdexcept>

namespace cacheline {

inline int answer() { throw std::runtime_error("the answer is not known"); }

inline int echo(int value) { return value; }

}  // namespace cacheline
