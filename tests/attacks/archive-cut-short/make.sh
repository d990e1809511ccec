# attack: hands in an archive that ends in the middle
# stopped by: the grader: what can't be read is an error
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
head -c 100000 /dev/urandom > noise
tar -czf - sample.hpp noise | head -c 50000 > "../$1.tar.gz"
cd ..
rm -r "$1.parts"
