# attack: hands in a pipe as its source, which nobody ever writes to
# stopped by: the grader: pipes are passed over
# soundly
# ends as: error
mkdir "$1"
mkfifo "$1/sample.hpp"
