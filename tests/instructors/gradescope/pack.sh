#!/bin/sh
# pack.sh ZIP [OPTION…]: setup.sh, run_autograder and the workbook in one .zip for Gradescope. The
# options are the grader's, for every submission: --trust, --no-speed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
zip=$1
shift
for option; do
    case $option in
        --trust | --no-speed) ;;
        *)
            echo "workbook gradescope: $option is not --trust or --no-speed." >&2
            exit 2
            ;;
    esac
done
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/workbook"
cp "$here/setup.sh" "$here/run_autograder" "$stage"
echo "$*" >"$stage/options"
cd "$root"
# The corpora hold right answers and are not needed to grade.
tar --create --exclude='tests/*/submissions' --exclude='*.before-reset-*' \
    CMakeLists.txt CMakePresets.json workbook exercises solutions tests |
    tar --extract --directory "$stage/workbook"
case $zip in /*) ;; *) zip=$OLDPWD/$zip ;; esac
rm -f "$zip"
bsdtar --create --format zip --file "$zip" --directory "$stage" setup.sh run_autograder options workbook
echo "$zip is ready to be uploaded to Gradescope as an autograder."
