# attack: hands in a link to a folder outside that holds the reference
# stopped by: the grader: links are passed over
# soundly
# ends as: error
mkdir "$1"
ln -s "$(cd "$(dirname "$0")/../../grader/sample/solutions/99-sample" && pwd)" "$1/99-sample"
