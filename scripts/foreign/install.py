"""Install the wheel into public projects that know nothing of the template, and use each command.

Each project's own suite runs twice, without and with the plugins of hangar-devkit: the outcomes
must be the same. Then a failing test is added, and each command must do its work there.

Usage: nox -s foreign -- install [NAME...]    write the page when all of them ran
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from scripts import wheel
from scripts.foreign.projects import (
    PROJECTS,
    Project,
    call,
    choose,
    clean_environment,
    download,
    find_python,
)

PAGE = wheel.ROOT / "docs/reference/foreign/install.md"
PROBE = '''\
"""A test that fails, and one that asserts nothing."""


def test_hangar_fails():
    assert {"answer": 41} == {"answer": 42}


def test_hangar_asserts_nothing():
    print("never wrong")
'''
PLUGINS = ("-p", "no:hangar_history", "-p", "no:hangar_preflight")
COUNT = re.compile(r"(\d+) (passed|failed|skipped|xfailed|xpassed|errors?|deselected|warnings?)")
TESTS = "(tests)"  # stands for the directory of a project's tests


@dataclass(frozen=True)
class Step:
    """A command, and what makes it right.

    Attributes:
        column: The command in the table that the step counts for.
        arguments: What follows `hangar`.
        code: The exit codes that are right.
        result: What the output means, for the table; empty when it is wrong.
    """

    column: str
    arguments: tuple[str, ...]
    code: frozenset[int]
    result: Callable[[str], str]


@dataclass
class Outcome:
    """What came of one project: a cell for each column, and what went wrong."""

    project: Project
    cells: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0, or 1 if something went wrong in a project."""
    choice = choose("install", __doc__, PROJECTS, arguments)
    with tempfile.TemporaryDirectory(prefix="hangar-foreign-") as temporary:
        directory = Path(temporary)
        built = wheel.build(wheel.ROOT, directory)
        with ThreadPoolExecutor(choice.jobs) as pool:
            outcomes = list(
                pool.map(lambda each: try_project(each, built, directory), choice.projects)
            )
    print("\n" + table(outcomes))
    failed = any(outcome.problems for outcome in outcomes)
    if choice.is_whole and not failed:
        PAGE.write_text(page(outcomes), encoding="utf-8", newline="\n")
    return 1 if failed else 0


def try_project(project: Project, built: Path, directory: Path) -> Outcome:
    """Install a project and the wheel, run its suite and every command."""
    outcome = Outcome(project)
    python = find_python(project.python)
    if python is None:
        outcome.problems.append(f"no Python {project.python} on this machine")
    else:
        _try(outcome, python, built, directory / project.name)
    print(f"{project.name}: {'; '.join(outcome.problems) or 'ok'}", flush=True)
    return outcome


def _try(outcome: Outcome, python: str, built: Path, directory: Path) -> None:
    project = outcome.project
    directory.mkdir()
    try:
        root = download(project, directory)
        run = install(project, root, built, python)
        compare_suites(project, run, outcome)
        add_failure(project, root, run, outcome)
        for step in STEPS:
            perform(step, run, outcome)
    except subprocess.CalledProcessError as error:
        output = (error.stderr or error.stdout or "").strip().splitlines() or ["no output"]
        outcome.problems.append(f"{' '.join(map(str, error.cmd[:4]))}: {output[-1]}")


Run = Callable[..., "subprocess.CompletedProcess[str]"]


def install(project: Project, root: Path, built: Path, python: str) -> Run:
    """Make an environment by pip alone; return what runs a command in it."""
    environment = root.parent / "environment"
    kept = clean_environment()
    kept["PATH"] = f"{environment / 'bin'}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin:/bin"
    call([python, "-m", "venv", str(environment)], root, kept)
    packages = (f"pytest=={project.pytest}", *project.requires, ".", str(built))
    call([str(environment / "bin/pip"), "install", "--quiet", *packages], root, kept)

    def run(*command: str) -> "subprocess.CompletedProcess[str]":
        # PATH of this process does not find the program: name it by where it is.
        program = str(environment / "bin" / command[0])
        return subprocess.run(
            [program, *command[1:]],
            cwd=root,
            env=kept,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def compare_suites(project: Project, run: Run, outcome: Outcome) -> None:
    """Run a project's suite before and after the wheel is installed: outcomes must not change.

    A suite may fail by itself now and then: what differs is tried once more.
    """
    for _ in range(2):
        without = run("pytest", "-q", "-rfE", "--color=no", *PLUGINS, project.tests)
        beside = run("pytest", "-q", "-rfE", "--color=no", project.tests)
        before, after = counts(without.stdout), counts(beside.stdout)
        if before == after and without.returncode == beside.returncode:
            break
    outcome.cells["suite"] = ", ".join(f"{number} {what}" for what, number in after.items())
    if not before.get("passed"):
        outcome.problems.append(f"the suite does not run: {without.stdout[-300:]}{without.stderr}")
    elif before != after:
        failed = re.findall(r"^(?:FAILED|ERROR) .*", without.stdout + beside.stdout, re.MULTILINE)
        outcome.problems.append(f"the plugins change {before} to {after}: {'; '.join(failed)}")


def counts(output: str) -> dict[str, int]:
    """Read the last line of pytest: outcome and number."""
    lines = [line for line in output.splitlines() if re.search(r" in [\d.]+s", line)]
    return {what: int(number) for number, what in COUNT.findall(lines[-1])} if lines else {}


def add_failure(project: Project, root: Path, run: Run, outcome: Outcome) -> None:
    """Add a test that fails, and run it among the others."""
    probe = root / project.tests / "test_hangar_probe.py"
    probe.write_text(PROBE, encoding="utf-8")
    done = run("pytest", "-q", "--color=no", project.tests)
    if "history: 1 failure" not in done.stdout:
        outcome.problems.append(f"the failure is not summed up: {done.stdout[-300:]}")


def perform(step: Step, run: Run, outcome: Outcome) -> None:
    """Run a command and judge it."""
    tests = outcome.project.tests
    done = run("hangar", *(tests if each == TESTS else each for each in step.arguments))
    output = done.stdout + done.stderr
    result = step.result(output)
    command = f"hangar {' '.join(step.arguments)}"
    if "Traceback (most recent call last)" in output:
        outcome.problems.append(f"{command}: traceback: {output.strip().splitlines()[-1]}")
    elif done.returncode not in step.code or not result:
        shown = output.strip()[-300:]
        outcome.problems.append(f"{command}: exit code {done.returncode}: {shown}")
    else:
        earlier = outcome.cells.get(step.column)
        outcome.cells[step.column] = f"{earlier}, {result}" if earlier else result


def _found(pattern: str) -> Callable[[str], str]:
    """Return the last match in an output, or nothing."""

    def result(output: str) -> str:
        found = re.findall(pattern, output, re.MULTILINE)
        return str(found[-1]) if found else ""

    return result


def _holds(words: str, result: str) -> Callable[[str], str]:
    return lambda output: result if words in output else ""


def _refusal(output: str) -> str:
    return "refuses" if 1 <= len(output.strip().splitlines()) <= 3 else ""


def _json(result: str) -> Callable[[str], str]:
    def check(output: str) -> str:
        try:
            json.loads(output)
        except ValueError:
            return ""
        return result

    return check


def _json_lines(output: str) -> str:
    lines = output.splitlines()
    tests = [json.loads(line).get("nodeid", "") for line in lines if line.startswith("{")]
    return "exports" if any("test_hangar_fails" in test for test in tests) else ""


GOOD, FINDINGS, REFUSED = frozenset({0}), frozenset({0, 1}), frozenset({2})
STEPS = (
    Step("preflight", ("preflight", "--scope=test"), FINDINGS, _found(r"^(\d.* ok)$")),
    Step("preflight", ("preflight", "--scope=test", "--format=json"), FINDINGS, _json("JSON")),
    Step("history", ("history", "export"), GOOD, _json_lines),
    Step("triage", ("triage",), GOOD, _holds("test_hangar_fails", "ranks it")),
    Step("triage", ("triage", "--format=json"), GOOD, _json("JSON")),
    Step("lint-tests", ("lint-tests", TESTS), FINDINGS, _found(r"^(\d+ findings?)")),
    Step("adr", ("adr", "new", "Use hangar"), GOOD, _holds("0001-use-hangar.md", "new")),
    Step("adr", ("adr", "index"), GOOD, lambda _: "index"),
    Step("adr", ("adr", "lint"), GOOD, lambda _: "lint"),
    Step("docs", ("docs", "pages"), GOOD, _holds("docs/reference/contracts.md", "writes pages")),
    Step("docs", ("docs", "pages", "--check"), GOOD, lambda _: "check"),
    Step("contracts", ("contracts",), REFUSED, _refusal),
    Step("update", ("update",), REFUSED, _refusal),
    Step("adopt", ("adopt", "."), REFUSED, _refusal),
    Step("unpack", ("unpack",), REFUSED, _refusal),
)
COLUMNS = tuple(dict.fromkeys(step.column for step in STEPS))


def table(outcomes: list[Outcome]) -> str:
    """Return the outcomes as a table in Markdown."""
    columns = ("suite", *COLUMNS)
    head = ("project", "Python", "pytest", *columns)
    rows = [
        (
            f"{outcome.project.name} {outcome.project.version}",
            outcome.project.python,
            outcome.project.pytest,
            *(outcome.cells.get(column, "**failed**") for column in columns),
        )
        for outcome in outcomes
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


PAGE_TEXT = """\
# The package in foreign projects

`nox -s foreign -- install` writes this page. It installs the wheel alone, by plain `pip install`,
into the test environments of {number} public projects that know nothing of the template. Each suite
has the same outcomes without and with the plugins of hangar-devkit. Then a failing test and one
without an assertion are added, and each command does its work without a traceback. `contracts`,
`update`, `adopt` and `unpack` refuse in one or two lines, because these projects have no pydantic
models, no template and no wheel in `tools/`.

{table}"""


def page(outcomes: list[Outcome]) -> str:
    """Return the page of the reference."""
    return PAGE_TEXT.format(number=len(outcomes), table=table(outcomes))
