#!/usr/bin/env python3
"""Classroom 50's autograder for the workbook.

Put it into the classroom's repository as CLASSROOM/autograders/ASSIGNMENT/autograder.py and set the
two names below. Classroom 50 runs it in the student's checkout, with the identity of the submission
in the environment, and takes result.json and release-body.md from there.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

# Which copy of the workbook grades: suites, references and grader come from it.
WORKBOOK = os.environ.get("CACHELINE_WORKBOOK", "https://github.com/OWNER/cacheline")
COMMIT = os.environ.get("CACHELINE_COMMIT", "a full hash")

student = pathlib.Path.cwd()
scratch = pathlib.Path(tempfile.mkdtemp())
workbook = scratch / "workbook"


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


run("git", "clone", "--quiet", WORKBOOK, workbook)
run("git", "-C", workbook, "checkout", "--quiet", COMMIT)
# Ubuntu lets nobody but root make the sandbox's namespaces, unless it is told otherwise.
subprocess.run(["sudo", "-n", "sysctl", "kernel.apparmor_restrict_unprivileged_userns=0"], check=False)
run(workbook / "workbook", "setup", "--yes")
shutil.copytree(student / "exercises", scratch / "class" / "student", symlinks=True)
run(workbook / "workbook", "--submissions", scratch / "class", "--out", scratch / "grades")
reports = scratch / "grades" / "students" / "student"
shutil.copy(reports / "classroom50.json", student / "result.json")
shutil.copy(reports / "summary.md", student / "release-body.md")
