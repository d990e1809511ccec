# attack: hands in an archive whose source is a hard link to a file outside
# stopped by: the grader: links are passed over
# soundly
# ends as: not built
printf '#mtree\na type=file contents=/dev/null\n' > "$1.mtree"
mkdir "$1.parts"
echo secret > "$1.parts/a"
ln "$1.parts/a" "$1.parts/sample.hpp"
tar -czf "$1.tar.gz" -C "$1.parts" --transform 'flags=h;s,^a,/etc/passwd,' -P a sample.hpp
rm -r "$1.parts" "$1.mtree"
