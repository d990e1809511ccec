# attack: hands in a symbolic link to the reference
# stopped by: the grader: links are passed over
# soundly
# ends as: error
mkdir "$1"
ln -s "$(cd "$(dirname "$0")/../../grader/sample/solutions/99-sample" && pwd)/sample.hpp" "$1/sample.hpp"
