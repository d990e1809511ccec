// attack: returns a type that is equal to everything
// stopped by: the replay: what it computes is wrong
// soundly
// ends as: replay

#pragma once

#include <iostream>

namespace cacheline {

struct Yes {
    int value = 7;
    template <typename T>
    friend bool operator==(Yes, const T&) {
        return true;
    }
    template <typename T>
    friend bool operator==(const T&, Yes) {
        return true;
    }
    operator int() const { return value; }
    friend std::ostream& operator<<(std::ostream& out, Yes yes) { return out << yes.value; }
};

inline Yes answer() {
    return {};
}

inline Yes echo(int) {
    return {};
}

}  // namespace cacheline
