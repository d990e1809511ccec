#!/bin/sh
# clangd.sh GRADER CATALOG SCRATCH: what an editor shows of a fresh stub: no error. And of one with a
# mistake, that mistake.
set -eu
grader=$1
catalog=$2
scratch=$3
command -v clangd >/dev/null || {
    echo "skipped: clangd is not installed; it is what the editors ask."
    exit 77
}
root=$(cd "$(dirname "$0")/../.." && pwd)
rm -rf "$scratch"
mkdir -p "$scratch/catalog"

# compile_commands.json is written at the top of the workbook that the catalog tells of: a copy.
cp -r "$root/exercises" "$scratch/exercises"
for entry in "$catalog"/*.json; do
    sed "s|$root/exercises|$scratch/exercises|g" "$entry" >"$scratch/catalog/$(basename "$entry")"
done
"$grader" --catalog "$scratch/catalog" setup
commands=$scratch/compile_commands.json
if grep '"file"' "$commands" | grep -v "$scratch/exercises/"; then
    echo "FAILED: compile_commands.json covers more than the files that a student edits." >&2
    exit 1
fi

# One line is enough: the errors of the whole file are told first.
check() {
    clangd --check="$1" --check-lines=1 --compile-commands-dir="$2" --log=error 2>&1
}
export scratch
sed -n 's/.*"file": "\(.*\)".*/\1/p' "$commands" |
    xargs -P 2 -I FILE sh -c '
        said=$(clangd --check=FILE --check-lines=1 --compile-commands-dir="$scratch" --log=error 2>&1) || {
            printf "FAILED: clangd finds fault with the stub FILE:\n%s\n" "$said" >&2
            exit 1
        }'

stub=$(sed -n 's/.*"file": "\(.*\)".*/\1/p' "$commands" | sed 1q)
echo 'int mistake = "text";' >>"$stub"
if check "$stub" "$scratch" >"$scratch/said"; then
    echo "FAILED: clangd does not see a mistake in $stub; what it said of the others is worth nothing:" >&2
    cat "$scratch/said" >&2
    exit 1
fi
