#!/bin/sh
# gradescope.sh GRADER CATALOG SCRATCH: the .zip is packed for real and laid out as Gradescope does;
# then a submission of loose files and one of ./workbook submit are graded, of the sample exercise.
. "$(dirname "$0")/scratch.sh"
command -v bsdtar >/dev/null || skip "bsdtar is not installed (libarchive-tools)."
root=$(cd "$(dirname "$0")/../.." && pwd)

if "$root/tests/instructors/gradescope/pack.sh" "$scratch/grader.zip" --sudo 2>/dev/null; then
    fail "an option that the grader must not have was packed."
fi
"$root/tests/instructors/gradescope/pack.sh" "$scratch/grader.zip" --no-speed --trust |
    says "packing" 'grader.zip is ready'
export AUTOGRADER="$scratch/autograder"
mkdir -p "$AUTOGRADER/source" "$AUTOGRADER/submission"
bsdtar -xf "$scratch/grader.zip" -C "$AUTOGRADER/source"
for file in setup.sh run_autograder workbook/workbook; do
    [ -x "$AUTOGRADER/source/$file" ] || fail "$file is not executable in the .zip."
done
for file in CMakeLists.txt CMakePresets.json tests/grader/main.cpp tests/setup/setup.sh; do
    cmp -s "$root/$file" "$AUTOGRADER/source/workbook/$file" || fail "$file is not in the .zip."
done
if find "$AUTOGRADER/source/workbook/tests" -name submissions -path '*/[0-9][0-9]-*' | grep .; then
    fail "the .zip holds the corpora."
fi

# The stand-in of the workbook: the grader on the sample exercise.
cat >"$AUTOGRADER/source/workbook/workbook" <<END
#!/bin/sh
[ "\$1" != setup ] || exec touch "$scratch/set-up"
exec $grader --catalog $sample_catalog --work $scratch/work "\$@"
END
"$AUTOGRADER/source/setup.sh"
[ -e "$scratch/set-up" ] || fail "setup.sh does not set up the workbook."

cp "$reference" "$AUTOGRADER/submission"
"$AUTOGRADER/source/run_autograder" >/dev/null
says "the result of loose files" '"score": 90' <"$AUTOGRADER/results/results.json"

rm -r "$AUTOGRADER/submission" "$AUTOGRADER/results"
mkdir "$AUTOGRADER/submission"
sed 's/return 42/return 41/' "$reference" >"$mine"
tar -czf "$AUTOGRADER/submission/submission.tar.gz" -C "$scratch/exercises" 99-sample/sample.hpp
"$AUTOGRADER/source/run_autograder" >/dev/null
says "the result of an archive" '"score": 30' <"$AUTOGRADER/results/results.json"

# Where the grader fails there is no result, rather than a zero.
rm -r "$AUTOGRADER/results"
printf '#!/bin/sh\nexit 1\n' >"$AUTOGRADER/source/workbook/workbook"
if "$AUTOGRADER/source/run_autograder" >/dev/null; then fail "a grader that failed was not noticed."; fi
[ ! -e "$AUTOGRADER/results/results.json" ] || fail "a grader that failed gave a result."
