// bad: [not built] it compiles but does not link: undefined reference

#pragma once

namespace cacheline {

int answer();

inline int echo(int value) { return value; }

}  // namespace cacheline
