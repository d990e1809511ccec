#!/bin/sh
# at_once.sh GRADER CATALOG SCRATCH: four graders at work in one checkout, 20 times over. Each gives
# the grade that it gives alone.
. "$(dirname "$0")/scratch.sh"

# Two that differ in one line, so that whoever compiles the other's file gives a wrong grade.
mkdir -p "$scratch/right" "$scratch/wrong" "$scratch/class/ada" "$scratch/class/bob"
cp "$reference" "$scratch/right/sample.hpp"
sed 's/return 42/return 41/' "$reference" >"$scratch/wrong/sample.hpp"
cp "$reference" "$mine"

workbook() {
    # shellcheck disable=SC2086 # a list of words
    (cd "$scratch" && "$grader" $options --trust "$@" 2>&1)
}

# What each of the four is for; the argument is a folder of its own for what it writes.
grade_right() { workbook sample --submission right --fast --no-speed --json "$1/grade.json"; }
grade_wrong() { workbook sample --submission wrong --fast --no-speed --json "$1/grade.json"; }
grade_class() { workbook sample --submissions class --out "$1/grades" --no-speed --seed 7; }
hand_in() { workbook submit sample --out "$1/mine.tar.gz"; }
kinds="grade_right grade_wrong grade_class hand_in"

# Another text each time, or nobody has to compile.
change() {
    for file in right/sample.hpp wrong/sample.hpp; do
        printf '// round %s\n' "$1" >>"$scratch/$file"
    done
    printf '// round %s\n' "$1" >>"$mine"
    cp "$scratch/right/sample.hpp" "$scratch/class/ada"
    cp "$scratch/wrong/sample.hpp" "$scratch/class/bob"
}

check() {
    grep -q '"points": 90' "$1/grade_right/grade.json" || fail "round $2: the right one's grade"
    grep -q '"points": 30' "$1/grade_wrong/grade.json" || fail "round $2: the wrong one's grade"
    for kind in grade_right grade_wrong; do
        cmp "$scratch/alone/$kind/grade.json" "$1/$kind/grade.json" || fail "round $2: $kind"
    done
    cmp "$scratch/alone/grade_class/grades/gradebook.csv" "$1/grade_class/grades/gradebook.csv" ||
        fail "round $2: the class's gradebook"
    tar -xOf "$1/hand_in/mine.tar.gz" 99-sample/sample.hpp | cmp - "$mine" ||
        fail "round $2: what was handed in"
}

change alone
for kind in $kinds; do
    mkdir -p "$scratch/alone/$kind"
    $kind "$scratch/alone/$kind" >"$scratch/alone/$kind/said" || fail "$kind alone: $(cat "$scratch/alone/$kind/said")"
done
check "$scratch/alone" alone
for round in $(seq 20); do
    change "$round"
    here=$scratch/round
    rm -rf "$here"
    pids=
    for kind in $kinds; do
        mkdir -p "$here/$kind"
        $kind "$here/$kind" >"$here/$kind/said" &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid" || fail "round $round: a grader gave up: $(cat "$here"/*/said)"
    done
    check "$here" "$round"
done
