// bad: [not built] it compiles but does not link: multiple definition of

#pragma once

int main() { return 0; }

namespace cacheline {

inline int answer() { return 42; }

inline int echo(int value) { return value; }

}  // namespace cacheline
