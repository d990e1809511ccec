#!/bin/sh
# fuzz.sh SECONDS [FOLDER]: searches with libFuzzer for a text that the reference's CsvReader reads
# otherwise than the plain reader does. What it finds is left in FOLDER, build/fuzz unless given.
set -eu
seconds=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=${2:-$root/build/fuzz}
command -v clang++ >/dev/null || { echo "Skipped: libFuzzer comes with clang++, which is not here." && exit 77; }
mkdir -p "$folder/corpus"
cd "$folder"
clang++ -std=c++20 -O1 -g1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
    -I"$root/solutions/03-zero-copy" -I"$root/exercises/03-zero-copy" -I"$root/exercises/common" \
    -I"$root/tests" "$root/tests/03-zero-copy/fuzz.cpp" "$root/solutions/03-zero-copy/csv_scan.cpp" \
    -o fuzz -lhwy
exec ./fuzz -max_len=700 -max_total_time="$seconds" -print_final_stats=1 corpus "$root/tests/03-zero-copy/fuzz_corpus"
