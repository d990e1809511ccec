# attack: hands in an archive whose paths lead out of it, by .. and from the root
# stopped by: the grader: archives are never unpacked, and the exercise that such a path names is an error
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
cp sample.hpp other.hpp
tar -czf "../$1.tar.gz" -P --transform 's,^sample,../../../honest/sample,' \
    --transform 's,^other,/etc/sample,' sample.hpp other.hpp
cd ..
rm -r "$1.parts"
