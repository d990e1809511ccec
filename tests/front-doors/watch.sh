#!/bin/sh
# watch.sh GRADER CATALOG SCRATCH: a student at work in `workbook-grade watch`, with real keys in a
# real terminal.
. "$(dirname "$0")/scratch.sh"
command -v tmux >/dev/null || skip "tmux is not installed; it is what the keys are pressed in."

terminal="tmux -L cacheline-$$ -f /dev/null"
trap '$terminal kill-server 2>/dev/null || true' EXIT

page() {
    $terminal capture-pane -p -t watch
}

# see SECONDS PATTERN: it comes up in time.
see() {
    tries=$(($1 * 10))
    while [ "$tries" -gt 0 ]; do
        if page | grep -q -e "$2"; then return; fi
        sleep 0.1
        tries=$((tries - 1))
    done
    fail "\"$2\" does not come up within $1 s. On the screen:
$(page)"
}

press() {
    $terminal send-keys -t watch "$1"
}

$terminal new-session -d -s watch -x 110 -y 36 \
    "env LANG=C.UTF-8 $grader $options watch sample; echo left with \$?; sleep 100"
see 60 'Now: step 1 of 3, The answer'
see 1 'answer is not written yet'

press h
see 5 'hint 1 of 2'
press h
see 5 'hint 2 of 2'
press d
see 5 'shown when every point is there'

# Saved in place, with a mistake of the compiler's kind: its line is shown.
sed 's/return 42/return fourtytwo/' "$reference" >"$scratch/next"
cat "$scratch/next" >"$mine"
see 30 'fourtytwo.* was not declared'
see 1 'return fourtytwo;'

# Saved as most editors do: written beside it and renamed. Wrong, so it says why.
sed 's/return 42/return 41/' "$reference" >"$scratch/next"
mv "$scratch/next" "$mine"
see 30 'expected  cacheline::answer() == 42'
see 1 'everything else depends on it'

# Another file of the folder is nothing to grade.
touch "$scratch/exercises/99-sample/notes.txt"

# Right: the sanitizers and the clock follow by themselves.
cp "$reference" "$scratch/next"
mv "$scratch/next" "$mine"
see 90 'Every point is there'
see 1 '100/100'

press d
see 10 'letter for letter'
press Enter
see 5 'Every point is there'
press b
see 60 'Answer, '
see 5 'Press Enter'
press Enter
see 5 'Every point is there'

# On only when asked; then the next one that is not complete.
press n
see 60 '98-other'
see 60 'Now: step 1 of 3'
press q
see 5 'left with 0'
