"""Run a project's own tests in an environment made for them, and read every outcome."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from hangar_devkit.adopt.requirements import Requirements, find_missing
from hangar_devkit.update.errors import UpdateError

WITHOUT_PLUGINS = ("-p", "no:hangar_history", "-p", "no:hangar_preflight")
BIN = "Scripts" if os.name == "nt" else "bin"
_OLDER_PYTEST = ("", "pytest<9", "pytest<8")  # where a suite fails with the newest
_ATTEMPTS = 6


@dataclass(frozen=True)
class Outcomes:
    """What a run of the suite came to: test -> outcome, exit code and output."""

    tests: Mapping[str, str]
    code: int
    output: str

    @property
    def failed(self) -> list[str]:
        """The tests that failed or had an error."""
        return sorted(test for test, outcome in self.tests.items() if outcome == "failed")

    def summary(self) -> str:
        """Return the outcomes as counts."""
        counts = Counter(self.tests.values())
        return ", ".join(f"{number} {outcome}" for outcome, number in sorted(counts.items()))


@dataclass
class Suite:
    """A suite, its environment, and what was found out about it.

    Attributes:
        root: The project.
        environment: Where the environment is.
        python: The interpreter, as uv takes it.
        requirements: What the tests need.
        paths: Arguments of pytest.
        written: Files in git that the build of the project writes; they stay as they are.
        known_failures: Tests and files that failed before the adoption.
        has_tests: Whether pytest found any test.
    """

    root: Path
    environment: Path
    python: str
    requirements: Requirements
    paths: list[str]
    written: list[str] = field(default_factory=list)
    known_failures: list[str] = field(default_factory=list)
    has_tests: bool = True

    def create(self) -> str:
        """Make the environment anew, so that it has what is listed alone; return what failed."""
        venv = ["uv", "venv", "--quiet", "--clear", "--no-project", f"--python={self.python}"]
        done = call([*venv, str(self.environment)], self.root)
        return done.stdout if done.returncode else ""

    def install(self, *more: str) -> str:
        """Make the environment complete; return what went wrong, or nothing."""
        command = ["uv", "pip", "install", "--quiet", f"--python={self.environment}"]
        # setuptools would write beside the sources, into what may be under version control.
        build = self.environment.parent / "build"
        build.mkdir(exist_ok=True)
        settings = build / "setuptools.cfg"
        place = str(build).replace("%", "%%")
        settings.write_text(f"[egg_info]\negg_base = {place}\n[build]\nbuild_base = {place}\n")
        arguments = [*self.requirements.arguments, *more]
        kept = {self.root / name: (self.root / name).read_bytes() for name in self.written}
        try:
            done = call([*command, *arguments], self.root, DIST_EXTRA_CONFIG=str(settings))
        finally:
            for path, content in kept.items():
                path.write_bytes(content)
        return done.stdout if done.returncode else ""

    def run(self, *options: str) -> Outcomes:
        """Run the whole suite, with further arguments of pytest."""
        with tempfile.TemporaryDirectory(prefix="hangar-suite-") as directory:
            report = Path(directory) / "report.xml"
            command = [str(self.environment / BIN / "python"), "-m", "pytest", *self.paths]
            more = [f"--junitxml={report}", "-o", "junit_family=xunit1", "-q", "--color=no", "-rfE"]
            done = call([*command, *more, *options], self.root)
            return Outcomes(_read_report(report), done.returncode, done.stdout)


def prepare(suite: Suite, more: list[str]) -> Outcomes:
    """Complete the requirements until the suite runs; return its outcomes before the adoption.

    Raises:
        UpdateError: If the environment cannot be made, or no test passes.
    """
    suite.requirements.arguments += more
    problem = suite.create() or suite.install()
    if problem and suite.requirements.dependencies:
        suite.requirements.arguments[:1] = suite.requirements.dependencies
        problem = suite.install()
    if problem:
        raise UpdateError(
            "The environment of the tests cannot be made:\n"
            f"{problem.strip()[-1500:]}\n"
            "Fix the project's declaration, or give requirements: --requires NAME"
        )
    outcomes = _complete(suite)
    for older in filter(None, _OLDER_PYTEST):
        if outcomes.code in {0, 5} or "pytest" not in suite.requirements.arguments:
            break
        suite.requirements.arguments[suite.requirements.arguments.index("pytest")] = older
        other = outcomes if suite.install() else _complete(suite)
        if len(other.failed) < len(outcomes.failed) or other.code in {0, 5}:
            outcomes = other
            break
        suite.requirements.arguments[suite.requirements.arguments.index(older)] = "pytest"
        suite.install("pytest", "--upgrade-package=pytest")
    if outcomes.code not in {0, 5}:
        _leave_out_failures(suite, outcomes)
    suite.has_tests = outcomes.code != 5
    return outcomes


def find_differences(before: Outcomes, after: Outcomes) -> list[str]:
    """List the tests that end differently.

    Names of parameters can differ from run to run, so tests that are in one run alone are compared
    by their function.
    """
    both = before.tests.keys() & after.tests.keys()
    changed = {test for test in both if before.tests[test] != after.tests[test]}
    old, new = (
        Counter(
            (test.partition("[")[0], end) for test, end in run.tests.items() if test not in both
        )
        for run in (before, after)
    )
    return sorted(changed | {test for test, _ in (old - new) | (new - old)})


def _complete(suite: Suite) -> Outcomes:
    for _ in range(_ATTEMPTS):
        outcomes = suite.run(*WITHOUT_PLUGINS)
        missing = find_missing(outcomes.output, suite.requirements) if outcomes.code else []
        if not missing:
            break
        suite.requirements.arguments += missing
        if problem := suite.install():
            raise UpdateError(f"{', '.join(missing)} cannot be installed:\n{problem[-800:]}")
    return outcomes


def _leave_out_failures(suite: Suite, outcomes: Outcomes) -> None:
    passed = sum(outcome == "passed" for outcome in outcomes.tests.values())
    suite.known_failures = find_failures(outcomes.output)
    if not passed or not suite.known_failures or len(suite.known_failures) > max(5, passed // 5):
        shown = outcomes.output.strip()[-1500:]
        raise UpdateError(
            f"The project's own tests do not run (exit code {outcomes.code}):\n{shown}\n"
            "Give what they need: --requires NAME"
        )


def find_failures(output: str) -> list[str]:
    """Read the lines of the summary: names of tests, and of files that cannot be collected."""
    found = []
    for line in output.splitlines():
        status, _, rest = line.partition(" ")
        if status in {"FAILED", "ERROR"} and rest:
            name, *more = rest.split(" - ")
            # The dash may be part of a parameter; a part of a name would cover other tests.
            while more and "[" in name and not name.rstrip().endswith("]"):
                name += f" - {more.pop(0)}"
            found.append(name.strip())
    return sorted(set(found))


def _read_report(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    outcomes: dict[str, str] = {}
    worst = ("failed", "skipped", "passed")  # of a test with subtests, or one that ran again
    for case in ElementTree.parse(path).iter("testcase"):  # noqa: S314 - pytest wrote it just now
        name = f"{case.get('file')}::{case.get('classname')}::{case.get('name')}"
        states = {child.tag for child in case}
        failed = states & {"failure", "error"}
        outcome = "failed" if failed else "skipped" if "skipped" in states else "passed"
        outcomes[name] = min(outcome, outcomes.get(name, outcome), key=worst.index)
    return outcomes


def call(command: list[str], root: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command with none of this process's environment; `stdout` has both outputs."""
    unset = {"VIRTUAL_ENV", "PYTHONPATH", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "CI"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"NO_COLOR": "1", **more}
    programs = Path(command[0]).parent
    if programs != Path():
        environment["PATH"] = f"{programs}{os.pathsep}{environment.get('PATH', '')}"
    sys.stdout.flush()
    return subprocess.run(
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
