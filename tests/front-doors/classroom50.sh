#!/bin/sh
# classroom50.sh GRADER CATALOG SCRATCH: the autograder of Classroom 50, run as its runner does: in the
# student's checkout, with the submission's identity in the environment.
. "$(dirname "$0")/scratch.sh"
command -v python3 >/dev/null || skip "python3 is not installed; Classroom 50's runner has it."
root=$(cd "$(dirname "$0")/../.." && pwd)

# The stand-in of the workbook: a repository with the grader on the sample exercise.
export GIT_CONFIG_GLOBAL=/dev/null
mkdir "$scratch/workbook" "$scratch/bin"
cat >"$scratch/workbook/workbook" <<END
#!/bin/sh
[ "\$1" != setup ] || exit 0
exec $grader --catalog $sample_catalog --work $scratch/work --trust --no-speed "\$@"
END
chmod +x "$scratch/workbook/workbook"
git="git -C $scratch/workbook -c user.name=Teacher -c user.email=teacher@example.org"
$git init -q
$git add workbook
$git commit -qm "The workbook"
printf '#!/bin/sh\n' >"$scratch/bin/sudo"  # this machine is not to be changed
chmod +x "$scratch/bin/sudo"

mkdir -p "$scratch/student/exercises/99-sample"
cp "$reference" "$scratch/student/exercises/99-sample/sample.hpp"
cd "$scratch/student"
TMPDIR="$scratch" PATH="$scratch/bin:$PATH" CACHELINE_WORKBOOK="$scratch/workbook" \
    CACHELINE_COMMIT=$($git rev-parse HEAD) CLASSROOM=cs61 ASSIGNMENT=workbook \
    ASSIGNMENT_TYPE=individual USERNAME=ada OWNER=ada SUBMISSION_TAG=submit/20260601T143201Z-abc1234 \
    COMMIT_URL=https://example.org/c RELEASE_URL=https://example.org/r \
    python3 "$root/tests/instructors/classroom50/autograder.py" >/dev/null
says "the result" '"schema": "classroom50/result/v1"' <result.json
says "the result" '"score": 9000' <result.json
says "the release's text" 'Sample' <release-body.md
