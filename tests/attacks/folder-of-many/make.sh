# attack: hands in 20,000 files, in folders 200 deep
# stopped by: the grader: there are limits on what it lists
# soundly
# ends as: error
mkdir "$1"
cd "$1"
seq -f 'file-%.0f' 20000 | xargs touch
deep=$(printf 'd/%.0s' $(seq 200))
mkdir -p "$deep"
