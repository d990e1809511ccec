"""workflows.py GRADER CATALOG SCRATCH: the workflows keep the house's rules, and each `run:` block is
executed here, in the order and with the variables, outputs and artifacts that GitHub's runner would
give it. The workbook that they check out is a stand-in: the real grader on the sample exercise."""

import base64
import fnmatch
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import yaml

GRADER, CATALOG, SCRATCH = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "tests/grader/sample"
WRONG = (SAMPLE / "solutions/99-sample/sample.hpp").read_text().replace("return 42", "return 41")


def fail(text):
    sys.exit("FAILED: " + text)


# ---- The rules ----


def check_rules(name, text, workflow):
    if set(workflow["permissions"].values()) != {"read"}:
        fail(f"{name}: the workflow's permissions are more than to read.")
    for line in text.splitlines():
        if "uses:" in line and not re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d", line):
            fail(f"{name}: an action is not pinned by its hash, with the version beside it: {line}")
    for job_name, job in workflow["jobs"].items():
        where = f"{name}, job {job_name}"
        if "timeout-minutes" not in job:
            fail(f"{where}: there is no timeout-minutes.")
        for needed in [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", []):
            if needed not in workflow["jobs"]:
                fail(f"{where} needs the job {needed}, which there is not.")
        for step in job["steps"]:
            if ("uses" in step) == ("run" in step):
                fail(f"{where}: a step either uses or runs: {step}")
            if step.get("uses", "").startswith("actions/checkout") and step["with"].get("persist-credentials") is not False:
                fail(f"{where}: checkout leaves its credentials behind.")
            if "run" in step:
                check_block(where, step["run"])


def check_block(where, block):
    if "${{" in block:
        fail(f"{where}: an expression inside a run block is pasted into the shell; pass it by env:\n{block}")
    if shutil.which("shellcheck"):
        found = subprocess.run(["shellcheck", "-s", "bash", "-"], input=block, text=True, capture_output=True)
        if found.returncode:
            fail(f"{where}: shellcheck on\n{block}\n{found.stdout}")


# ---- The runner ----


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def check_out(step, workspace):
    place = workspace / step.get("with", {}).get("path", ".")
    place.mkdir(parents=True, exist_ok=True)
    if place.name == "student":
        shutil.copytree(SAMPLE / "solutions", place / "exercises")
        (place / "exercises/99-sample/sample.hpp").write_text(WRONG)
    elif place.name == "class":
        for student in ("ada", "grace", "barbara"):
            shutil.copytree(SAMPLE / "solutions/99-sample", place / "submissions" / student)
        (place / "submissions/grace/sample.hpp").write_text(WRONG)
    elif place.name == "workbook":
        executable(place / "workbook", f'#!/bin/sh\n[ "$1" != setup ] || exit 0\n'
                   f'exec {GRADER} --catalog {CATALOG} --work {workspace}/work "$@"\n')
    else:
        # The project's own: its tests are what is running now, and the site has tests of its own.
        executable(place / ".ci/run", "#!/bin/sh\ntouch tested\n")
        executable(place / "workbook", '#!/bin/sh\necho "$@" >called\n')
        for called in (".ci/run", "workbook"):
            if not os.access(ROOT / called, os.X_OK):
                fail(f"{called} is not there to be run.")


class Runner:
    def __init__(self, name, workflow):
        self.name, self.workflow = name, workflow
        self.home = SCRATCH / "runner" / name
        self.outputs = {}  # of jobs

    def run(self):
        for job_name, job in self.workflow["jobs"].items():
            for matrix in self.matrices(job):
                self.run_job(job_name, job, matrix)

    def matrices(self, job):
        axes = job.get("strategy", {}).get("matrix", {})
        for key, values in axes.items():
            if isinstance(values, str):
                values = json.loads(self.value(re.fullmatch(r"\$\{\{ fromJSON\((.*)\) \}\}", values)[1], {}, {}))
            return [{key: value} for value in values]
        return [{}]

    def value(self, expression, matrix, steps):
        known = {
            "github.event.repository.name": "ada",
            "inputs.shards": "2",
            "inputs.submissions": "school/class",
            "vars.CACHELINE_WORKBOOK": "school/workbook",
            "vars.CACHELINE_COMMIT": "0" * 40,
            "secrets.SUBMISSIONS_TOKEN || github.token": "none",
        }
        known |= {f"matrix.{key}": str(value) for key, value in matrix.items()}
        known |= {f"steps.{id}.outputs.{key}": value for id, all in steps.items() for key, value in all.items()}
        known |= {f"needs.{job}.outputs.{key}": value for job, all in self.outputs.items() for key, value in all.items()}
        if expression not in known:
            fail(f"{self.name}: what is ${{{{ {expression} }}}}?")
        return known[expression]

    def evaluated(self, text, matrix, steps):
        return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: self.value(found[1], matrix, steps), str(text))

    def run_job(self, job_name, job, matrix):
        workspace = self.home / "-".join([job_name, *map(str, matrix.values())])
        workspace.mkdir(parents=True)
        steps = {}
        for step in job["steps"]:
            if step.get("if") == "failure()":
                continue
            inputs = {key: self.evaluated(value, matrix, steps) for key, value in step.get("with", {}).items()}
            variables = {key: self.evaluated(value, matrix, steps)
                         for key, value in (job.get("env", {}) | step.get("env", {})).items()}
            if "run" in step:
                steps[step.get("id", "")] = self.run_block(step["run"], workspace, variables)
            else:
                self.use(step, inputs, variables, workspace)
        self.outputs[job_name] = {key: self.evaluated(value, matrix, steps)
                                  for key, value in job.get("outputs", {}).items()}

    def run_block(self, block, workspace, variables):
        sink = workspace / "github-output"
        sink.write_text("")
        executable(self.home / "bin/sudo", "#!/bin/sh\nexit 0\n")  # this machine is not to be changed
        environment = os.environ | variables | {
            "PATH": f"{self.home}/bin:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(sink),
            "GITHUB_STEP_SUMMARY": str(workspace / "summary"),
        }
        done = subprocess.run(["bash", "-e", "-c", block], cwd=workspace, env=environment, text=True, capture_output=True)
        (workspace / "log").open("a").write(done.stdout + done.stderr)
        if done.returncode:
            fail(f"{self.name}: status {done.returncode} from\n{block}\n{done.stdout}{done.stderr}")
        return dict(line.split("=", 1) for line in sink.read_text().splitlines())

    def use(self, step, inputs, variables, workspace):
        action = step["uses"].split("@")[0]
        artifacts = self.home / "artifacts"
        if action == "actions/checkout":
            check_out(step, workspace)
        elif action == "actions/upload-artifact":
            shutil.copytree(workspace / inputs["path"], artifacts / inputs["name"])
        elif action == "actions/download-artifact":
            for artifact in artifacts.iterdir():
                if fnmatch.fnmatch(artifact.name, inputs["pattern"]):
                    shutil.copytree(artifact, workspace / inputs["path"] / artifact.name)
        elif action == "classroom-resources/autograding-grading-reporter":
            for runner in inputs["runners"].split(","):
                result = json.loads(base64.b64decode(variables[runner.upper() + "_RESULTS"]))
                if not result["tests"] or sum(test["score"] for test in result["tests"]) >= result["max_score"]:
                    fail(f"{self.name}: the reporter would get {result}.")
        elif action not in ("actions/setup-node", "actions/configure-pages", "actions/upload-pages-artifact",
                            "actions/deploy-pages"):
            fail(f"{self.name}: nobody knows here what {action} does.")


def expect(file, pattern):
    if not re.search(pattern, file.read_text(), re.MULTILINE):
        fail(f"\"{pattern}\" is not in {file}:\n{file.read_text()}")


workflows = sorted((ROOT / ".github/workflows").glob("*.yml"))
hashes = {}
for path in workflows:
    text = path.read_text()
    for action, version in re.findall(r"uses: (\S+)@(\S+)", text):
        if hashes.setdefault(action, version) != version:
            fail(f"{path.name}: {action} is pinned twice, and not to the same.")
    workflow = yaml.safe_load(text)
    check_rules(path.name, text, workflow)
    Runner(path.name, workflow).run()
    print(f"{path.name}: the rules hold, and every block ran")

runs = SCRATCH / "runner"
expect(runs / "ci.yml/test-g++/tested", "")
expect(runs / "docs.yml/build/called", "^docs --build")
expect(runs / "grade.yml/grade/summary", "Sample")
expect(runs / "grade.yml/grade/log", "^::error .*everything else depends on it")
expect(runs / "classroom.yml/grade/summary", "Sample")
gradebook = runs / "batch.yml/artifacts/gradebook/gradebook.csv"
for student in ("ada", "grace", "barbara"):
    expect(gradebook, f"^{student},")
