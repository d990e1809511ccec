# attack: hands in an archive of 20,000 files
# stopped by: the grader: there are limits on what it lists
# soundly
# ends as: error
mkdir "$1.parts"
cd "$1.parts"
seq -f 'file-%.0f' 20000 | xargs touch
tar -czf "../$1.tar.gz" .
cd ..
rm -r "$1.parts"
