// bad: [not built] submission/sample.hpp:7

#pragma once

namespace cacheline {

inline int answer() { return forty_two; }

inline int echo(int value) { return value; }

}  // namespace cacheline
