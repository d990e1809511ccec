# attack: hands in what the compiler would take before its source: a precompiled header, a suite, a manifest
# stopped by: the grader: of a submission it takes sources and headers alone, and its own come first
# soundly
# ends as: failed, replay
mkdir -p "$1/sample.hpp.gch" "$1/catch2"
echo forged > "$1/sample.hpp.gch/forged.gch"
echo '[[maybe_unused]] static int forged;' > "$1/suite.cpp"
echo '#define CHECK(...)' > "$1/catch2/catch_test_macros.hpp"
echo '{"steps": [{"id": "answer", "title": "All", "points": 100}]}' > "$1/exercise.json"
cat > "$1/sample.hpp" <<'EOF'
#pragma once
namespace cacheline {
inline int answer() { return 7; }
inline int echo(int) { return -1; }
}  // namespace cacheline
EOF
