// bad: [not built] does its interface still match

#pragma once

namespace cacheline {

inline int answer() { return 42; }

}  // namespace cacheline
