// attack: includes the reference solution, by paths from the source and from the work folder
// stopped by: the sandbox: the compiler does not see it
// soundly
// ends as: not built

#pragma once

#if __has_include("../../../../../../../../tests/grader/sample/solutions/99-sample/sample.hpp")
#include "../../../../../../../../tests/grader/sample/solutions/99-sample/sample.hpp"
#elif __has_include("../../../.references/99-sample/source/sample.hpp")
#include "../../../.references/99-sample/source/sample.hpp"
#elif __has_include("../../../reference-run/99-sample/source/sample.hpp")
#include "../../../reference-run/99-sample/source/sample.hpp"
#elif __has_include("../../../../../../../../solutions/06-ring-buffer/ring_buffer.hpp")
#define FOUND
#else
#error "no reference in sight"
#endif
