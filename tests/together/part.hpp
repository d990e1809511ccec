#pragma once

#include <stdexcept>
#include <vector>

namespace cacheline::together {

/// One exercise's part of the program: a few lines that use it beside all the others.
struct Part {
    const char* exercise;
    void (*use)();  ///< throws where a result is not what it should be
};

inline std::vector<Part>& parts() {
    static std::vector<Part> all;
    return all;
}

inline void expect(bool right, const char* otherwise) {
    if (!right) throw std::logic_error(otherwise);
}

/// Adds a part before main: `const AddPart ring("06-ring-buffer", [] { … });`
struct AddPart {
    AddPart(const char* exercise, void (*use)()) { parts().push_back({exercise, use}); }
};

}  // namespace cacheline::together
