# attack: hands in the same file twice, for the grader to take the better one
# stopped by: the grader: it takes neither and says so
# soundly
# ends as: not built
mkdir -p "$1/99-sample" "$1/sample"
echo '#pragma once' > "$1/99-sample/sample.hpp"
cp "$(dirname "$0")/../../grader/sample/solutions/99-sample/sample.hpp" "$1/sample/sample.hpp"
