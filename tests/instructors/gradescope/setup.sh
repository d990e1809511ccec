#!/bin/sh
# Gradescope runs this once, as root, when the autograder's image is made: packages and grader.
set -eu
"${AUTOGRADER:-/autograder}/source/workbook/workbook" setup --yes
