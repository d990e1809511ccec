# attack: hands in a source of a megabyte
# stopped by: the grader: it refuses a source of more than 255 kB
# soundly
# ends as: not built
mkdir "$1"
yes '// nothing to see here' | head -c 1000000 > "$1/sample.hpp"
