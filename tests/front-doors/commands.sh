#!/bin/sh
# commands.sh GRADER CATALOG SCRATCH: hint, diff, bench, reset, submit and the progress, as a student
# uses them.
. "$(dirname "$0")/scratch.sh"

workbook() {
    # shellcheck disable=SC2086 # a list of words
    (cd "$scratch" && "$grader" $options "$@" 2>&1)
}

refused() {
    if said=$(workbook "$@"); then fail "$* should have been refused, but said: $said"; fi
    printf '%s\n' "$said"
}

refused hnit | says "a command that is misspelt" 'Did you mean "hint"'
refused samplf | says "an exercise that is misspelt" 'Did you mean "sample"'

# Hints: remembered, all at once, and from the start again.
workbook hint sample | says "the first hint" 'sample answer, hint 1 of 2'
workbook hint sample | says "the second hint" 'hint 2 of 2'
workbook hint sample | says "after the last" 'hint 2 of 2'
workbook hint sample --all | says "all hints of the exercise" 'sample speed, hint 1 of 1'
workbook hint sample --reset | says "a reset" 'start again'
workbook hint sample | says "after the reset" 'hint 1 of 2'
refused hint sample answr | says "a step that is misspelt" 'Did you mean "answer"'

# The reference is no help before the points are there.
refused diff sample | says "a diff too early" 'shown when sample has all its points'
workbook diff sample --spoil --width 100 | says "a diff" '^+    return 42;'
workbook diff sample --spoil --width 200 | says "a wide diff" 'todo("answer"); *|.*return 42;'

# What does not build is not handed in.
sed 's/return 42/return fourtytwo/' "$reference" >"$mine"
refused submit sample | says "a submission that does not build" '99-sample does not build: exercises/99-sample/sample.hpp:'
[ ! -e "$scratch/submission.tar.gz" ] || fail "an archive was made of what does not build."

# Progress: nothing is the best of a run that left builds out; at 100 there is something to see.
workbook sample --no-speed | says "a grade without speed" '^[0-9.]* of 90 points'
cp "$reference" "$mine"
workbook sample --fast | says "a quick run" 'at best 0 of 200 points'
workbook sample >"$scratch/said"
says "the celebration" 'Sample: every point, on 20' <"$scratch/said"
says "the progress" '1 of 2 exercises complete, at best 100 of 200 points; sample 100 (20' <"$scratch/said"
if workbook sample --no-speed | grep 'every point, on'; then
    fail "what was complete before is celebrated again."
fi
workbook diff sample | says "a diff of the same" 'letter for letter'

# A student may split their work: files beside the named ones count as well, whatever they are called.
sed 's/return 42/return forty_two()/; s/^#pragma once/&\n#include "numbers.hpp"/' "$reference" >"$mine"
folder=$(dirname "$mine")
echo 'int forty_two();' >"$folder/numbers.hpp"
printf '#include "numbers.hpp"\nint forty_two() {\n    return 42;\n}\n' >"$folder/suite.cpp"
workbook sample --fast | says "a grade of several files" '^90 of 90 points'

# The archive is what the grader takes.
workbook submit sample | says "a submission" 'submission.tar.gz holds 3 files of 1 exercise'
mkdir "$scratch/class"
cp "$scratch/submission.tar.gz" "$scratch/class/ada.tar.gz"
workbook sample --submissions class --out grades --trust --no-speed >/dev/null
says "the gradebook" '^ada,.*90' <"$scratch/grades/gradebook.csv"
# Again, as after a kill: what is graded stays, though each run draws a seed of its own.
cp "$scratch/grades/students/ada/grade.json" "$scratch/before.json"
workbook sample --submissions class --out grades --trust --no-speed >/dev/null
cmp "$scratch/before.json" "$scratch/grades/students/ada/grade.json" || fail "it was graded again."

# Bars, figures and a drawing of one measurement.
workbook bench sample --runs 3 --json figures.json --svg bars.svg | says "the bars" '^    reference  *#'
grep -q '"who": "yours"' "$scratch/figures.json" || fail "the figures lack yours."
grep -q '"runs": 3' "$scratch/figures.json" || fail "the figures are not of three runs."
grep -q '"round_trip_ns"' "$scratch/figures.json" || fail "the figures do not tell of the machine."
grep -q '</svg>' "$scratch/bars.svg" || fail "there is no drawing."
grep -q '"who": "yours-again"' "$scratch/figures.json" || fail "the figures lack a way to use yours."

# A recording is of the workbook and not of its reader: the reference and its ladder, of all
# exercises at once.
rung=$scratch/corpus/accepted/other_style
mkdir -p "$rung" "$scratch/docs/data"
cp "$reference" "$rung"
sed -i "s|\"corpus\": \"[^\"]*\"|\"corpus\": \"$scratch/corpus\"|" "$scratch/catalog/99-sample.json"
echo '{"99-sample": {"benchmarks": "Answer", "rungs": ["accepted/other_style"]}}' \
    >"$scratch/docs/ladders.json"
refused bench | says "a bench of nothing" 'Which exercise'
workbook bench --record --runs 2 | says "a recording" 'Recorded in docs/data/98-other.json'
figures=$(sed -n 's/.*"who":"\([^"]*\)".*"runs":2.*/\1/p' "$scratch/docs/data/99-sample.json" | tr '\n' ' ')
[ "$figures" = "reference reference-again other_style " ] || fail "the recording is of $figures"

# The stub again, from git, whatever the student has committed since.
refused reset sample | says "a reset without git" 'nothing was changed'
cp -r "$sample_exercises/99-sample/sample.hpp" "$scratch/stub"
cp "$mine" "$scratch/own"
export GIT_CONFIG_GLOBAL=/dev/null
student="git -C $scratch -c user.name=Student -c user.email=student@example.org"
$student init -q
cp "$scratch/stub" "$mine"
$student add exercises
$student commit -qm "The workbook"
cp "$scratch/own" "$mine"
$student commit -qam "My answer"
workbook reset sample | says "a reset" 'sample.hpp is the stub again'
cmp -s "$mine" "$scratch/stub" || fail "reset did not bring the stub back."
cmp -s "$mine.before-reset-1" "$scratch/own" || fail "reset lost the student's file."
[ ! -e "$folder/suite.cpp" ] || fail "reset left a file that is no part of the stub."
[ -e "$folder/suite.cpp.before-reset-1" ] || fail "reset lost a file that the student had added."
workbook reset sample | says "a second reset" 'is the stub already'
