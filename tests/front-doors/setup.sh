#!/bin/sh
# setup.sh GRADER CATALOG SCRATCH: how packages are installed, with stand-ins for what would change
# this machine.
. "$(dirname "$0")/scratch.sh"
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir "$scratch/bin"

# stand_in NAME: a program of that name, from standard input.
stand_in() {
    { echo '#!/bin/sh' && cat; } >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

# All is installed but ninja-build, until apt-get has installed it.
stand_in dpkg-query <<'END'
for package; do :; done
[ "$package" = ninja-build ] && [ ! -e "$SCRATCH/installed" ] || printf installed
END
# Another has the lock for the first $BUSY calls.
stand_in apt-get <<'END'
[ "$1" != -o ] || shift 2
echo x >>"$SCRATCH/calls"
if [ "$(wc -l <"$SCRATCH/calls")" -le "$BUSY" ]; then
    echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 4711 (apt-get)" >&2
    exit 100
fi
[ -z "$OFFLINE" ] || { echo "E: Temporary failure resolving the mirror" >&2 && exit 100; }
echo "Fetching $1"
case $1 in
    install) touch "$SCRATCH/installed" && echo "$*" >"$SCRATCH/installing" ;;
esac
END
stand_in id <<'END'
echo 0
END

# set_up YES BUSY OFFLINE: what a person sees who runs ./workbook.
set_up() {
    rm -f "$scratch/calls" "$scratch/installed" "$scratch/installing"
    SCRATCH=$scratch BUSY=$2 OFFLINE=$3 SETUP_PAUSE=0 PATH="$scratch/bin:$PATH" sh -euc '
        die() {
            printf "%s\n" "workbook: $1" >&2
            exit 2
        }
        . "$1/tests/setup/setup.sh"
        set_up grade "$2"
        set_up grade no # nothing is left to ask
        echo "all is there" >&2' sh "$root" "$1" 2>&1 </dev/null
}

refused() {
    if said=$(set_up "$@"); then fail "set_up $* should have stopped, but said: $said"; fi
    printf '%s\n' "$said"
}

refused no 0 "" | says "nobody to ask" 'no terminal to ask on. Run the same with --yes'
[ ! -e "$scratch/calls" ] || fail "apt-get was called without consent."

set_up yes 0 "" >"$scratch/said"
says "an installation" 'Fetching install' <"$scratch/said"
says "an installation" 'all is there' <"$scratch/said"
says "what is installed" '^install .* ninja-build$' <"$scratch/installing"

set_up yes 3 "" >"$scratch/said"
says "a lock" 'Another apt-get is at work' <"$scratch/said"
says "a lock that was given back" 'all is there' <"$scratch/said"

refused yes 0 offline >"$scratch/said"
says "no network" 'Temporary failure resolving' <"$scratch/said"
says "no network" 'workbook: apt-get update failed' <"$scratch/said"
[ "$(wc -l <"$scratch/calls")" = 1 ] || fail "it was tried again, though nothing was locked."
refused yes 1000 "" | says "a lock that is never given back" 'It is held by process 4711'
