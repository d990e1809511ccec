# For the tests of the front doors: a scratch copy of the sample exercise that may be edited, and a
# second one like it. Sourced with the arguments GRADER CATALOG SCRATCH; leaves $grader, $catalog,
# $scratch, $mine (the student's file) and $reference.
set -eu
grader=$1
sample_catalog=$2
scratch=$3
options="--catalog $scratch/catalog --work $scratch/work --state $scratch/state"

fail() {
    printf 'FAILED: %s\n' "$1" >&2
    exit 1
}

skip() {
    printf 'skipped: %s\n' "$1"
    exit 77
}

# says "what is wrong otherwise" PATTERN: the text on stdin has it.
says() {
    said=$(cat)
    printf '%s\n' "$said" | grep -q -e "$2" || fail "$1: \"$2\" is not in:
$said"
}

sample_exercises=$(sed -n 's/.*"folder": "\(.*\)\/99-sample".*/\1/p' "$sample_catalog/99-sample.json")
rm -rf "$scratch"
mkdir -p "$scratch/catalog" "$scratch/exercises"
for name in 98-other 99-sample; do
    cp -r "$sample_exercises/99-sample" "$scratch/exercises/$name"
    sed -e "s|\"folder\": .*|\"folder\": \"$scratch/exercises/$name\",|" \
        -e "s|\"name\": \"99-sample\"|\"name\": \"$name\"|" \
        "$sample_catalog/99-sample.json" >"$scratch/catalog/$name.json"
done
mine=$scratch/exercises/99-sample/sample.hpp
reference=$sample_exercises/../solutions/99-sample/sample.hpp
