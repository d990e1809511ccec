# attack: hands in an archive whose source is a link to a file outside
# stopped by: the grader: links are passed over
# soundly
# ends as: error
mkdir "$1.parts"
ln -s /etc/passwd "$1.parts/sample.hpp"
tar -czf "$1.tar.gz" -C "$1.parts" sample.hpp
rm -r "$1.parts"
