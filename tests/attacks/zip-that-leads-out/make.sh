# attack: hands in a zip archive whose paths lead out of it by ..
# stopped by: the grader: archives are never unpacked, and such a path is an error
# soundly
# ends as: error
mkdir "$1.parts"
cd "$1.parts"
cat > sample.hpp <<'EOF'
#pragma once
namespace cacheline {
inline int answer() { return 7; }
inline int echo(int) { return -1; }
}  // namespace cacheline
EOF
bsdtar --format zip -cf "../$1.zip" -s ',^sample,../../sample,' -P sample.hpp
cd ..
rm -r "$1.parts"
