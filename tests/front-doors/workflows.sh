#!/bin/sh
# workflows.sh GRADER CATALOG SCRATCH: see workflows.py.
. "$(dirname "$0")/scratch.sh"
python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed; it is what reads the workflows."
exec python3 "$(dirname "$0")/workflows.py" "$grader" "$sample_catalog" "$scratch"
