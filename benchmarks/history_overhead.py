"""Test history, overhead: instructions of a session with the recorder.

A ratio to the same session without it, compared with pytest's own JUnit XML and recorders from the
package index. A session is 1,000 empty tests, so that the overhead is visible. The session without
a recorder loads an empty plugin instead, since looking up a plugin by name has a cost itself.
Instructions are counted by cachegrind: on a shared machine the wall times of two identical sessions
differ by a factor of two. Needs valgrind.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import hangar_devkit
from benchmarks.framework import progress
from benchmarks.framework.commands import run
from benchmarks.framework.figures import OURS, Figure, Options, Skipped
from benchmarks.framework.machine import cores

NOTHING = ["-p", "empty_plugin"]
RECORD = ["-p", "hangar_devkit.history.plugin"]
# name -> (packages to install, arguments of pytest)
RECORDERS = {
    "pytest --junitxml": ([], [*NOTHING, "--junitxml=out.xml"]),
    "pytest-reportlog": (
        ["pytest-reportlog"],
        ["-p", "pytest_reportlog.plugin", "--report-log=out.jsonl"],
    ),
    "pytest-json-report": (
        ["pytest-json-report", "pytest-metadata"],
        ["-p", "pytest_metadata.plugin", "-p", "pytest_jsonreport.plugin", "--json-report"],
    ),
    "pytest-html": (
        ["pytest-html", "pytest-metadata"],
        ["-p", "pytest_metadata.plugin", "-p", "pytest_html.plugin", "--html=out.html"],
    ),
    "pytest-history": (["pytest-history"], ["-p", "pytest_history"]),
    "allure-pytest": (
        ["allure-pytest", "allure-python-commons"],
        ["-p", "allure_pytest.plugin", "--alluredir=out"],
    ),
}
WORKERS = ["-p", "xdist.plugin", "-n", "2"]
FAILING = "5 % of the tests fail"
STORED = 20  # sessions, of which the last one ingests the journals of all
DRIFT = 0.01  # how much the counts of two identical sessions differ, with workers
TESTS = 1000
FILES = 10
CACHEGRIND = (
    "nice",
    "valgrind",
    "--tool=cachegrind",
    "--cache-sim=no",
    "--trace-children=yes",
    "--trace-children-skip=*/git",
    "--cachegrind-out-file=/dev/null",
)


def figures(options: Options) -> list[Figure]:  # noqa: ARG001 - counts hardly differ between runs
    """Count the instructions of each type of session."""
    if not shutil.which("valgrind"):
        raise Skipped("valgrind, which counts instructions, is missing: apt install valgrind")
    with tempfile.TemporaryDirectory() as name:
        packages = Path(name)
        for requirements, _ in RECORDERS.values():
            if requirements:
                target = f"--target={packages}"
                run("uv", "pip", "install", "--quiet", "--no-deps", target, *requirements)
        before = os.environ.get("PYTHONPATH", "")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [name, before]))
        try:
            recorders = [arguments for _, arguments in RECORDERS.values()]
            # Concurrent sessions do not change the counts, and take half as long.
            with ThreadPoolExecutor(cores()) as pool:
                theirs = pool.submit(count_sessions, recorders)
                ours = pool.submit(count_sessions, [NOTHING, RECORD, RECORD], sessions=STORED)
                with_parameters = pool.submit(count_sessions, [NOTHING, RECORD], cases=True)
                with_failures = pool.submit(count_sessions, [NOTHING, RECORD], failing=0.05)
                without_bytecode = pool.submit(count_without_bytecode, [NOTHING, RECORD])
            # Workers that wait for each other execute more on a busy machine: run these alone.
            two_workers = count_sessions([[*WORKERS, *NOTHING], [*WORKERS, *RECORD]] * 2)
        finally:
            os.environ["PYTHONPATH"] = before
    plain, first, later, storing = ours.result()
    mean = (later * (STORED - 1) + storing) / STORED
    unrecorded, recorded = min(two_workers[::2]), min(two_workers[1::2])
    cases, cases_recorded = with_parameters.result()
    failing, failing_recorded = with_failures.result()
    uncached, uncached_recorded = without_bytecode.result()
    ratio = "instructions of a session, ratio"
    rows = [
        (ratio, OURS, later / plain, 1.02),
        (ratio, f"{OURS}, first run", first / plain, 1.02),
        *(
            (ratio, each, count / plain, None)
            for each, count in zip(RECORDERS, theirs.result(), strict=True)
        ),
        (f"{ratio}, mean of {STORED} runs, one of which stores them", OURS, mean / plain, None),
        (f"{ratio}, two workers", OURS, recorded / unrecorded, 1.02),
        (f"{ratio}, PYTHONDONTWRITEBYTECODE=1", OURS, uncached_recorded / uncached, 1.02),
        (f"{ratio}, parametrized tests", OURS, cases_recorded / cases, 1.02),
        (f"{ratio}, {FAILING}", OURS, failing_recorded / failing, 1.05),
    ]
    return [
        Figure(
            *(name, value, "x", of),
            target=target,
            against="the same session without",
            within=DRIFT,
        )
        for name, of, value, target in rows
    ]


def count_sessions(
    variants: list[list[str]], failing: float = 0.0, sessions: int = 0, *, cases: bool = False
) -> list[int]:
    """Count the instructions of a session with each list of arguments, in one project.

    Args:
        variants: The arguments of each session.
        failing: The share of tests that fail.
        sessions: Record until there were that many sessions, and count the last one too.
        cases: Whether each file has one test with many parameters.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        write_project(root, failing, cases=cases)
        (root / "empty_plugin.py").touch()
        run_session(root, RECORD)  # compiles the tests and the recorder
        shutil.rmtree(root / ".cache", ignore_errors=True)
        counts = []
        for arguments in variants:
            progress.step(f"counting: pytest {' '.join(arguments)}")
            counts.append(count_instructions(root, arguments))
        if sessions:
            for _ in range(sessions - variants.count(RECORD) - 1):
                run_session(root, RECORD)
            counts.append(count_instructions(root, RECORD))
        return counts


def count_without_bytecode(variants: list[list[str]]) -> list[int]:
    """Count the instructions of sessions that compile the recorder, and the tests, each time."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "project"
        root.mkdir()
        write_project(root, 0.0)
        (root / "empty_plugin.py").touch()
        library = Path(name) / "library"
        package = Path(hangar_devkit.__file__).parent
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(package, library / package.name, ignore=ignored)
        environment = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(library)}
        return [count_instructions(root, arguments, environment) for arguments in variants]


def write_project(root: Path, failing: float, *, cases: bool = False) -> None:
    """Write a project of empty tests, of which a share fails with a long traceback."""
    (root / "pytest.ini").write_text("[pytest]\n")
    tests = root / "tests"
    tests.mkdir()
    every = round(1 / failing) if failing else 0
    for number in range(FILES):
        lines = ["def deep(n):", "    if n == 0: raise ValueError('deep')", "    deep(n - 1)", ""]
        if cases:
            names = [f"case {test}" for test in range(TESTS // FILES)]
            lines = ["import pytest", f"@pytest.mark.parametrize('name', {names})"]
            lines += ["def test_it(name): pass", ""]
        for test in range(0 if cases else TESTS // FILES):
            body = "deep(20)" if every and test % every == 0 else "pass"
            lines += [f"def test_{test}():", f"    {body}", ""]
        (tests / f"test_{number}.py").write_text("\n".join(lines))
    subprocess.run(["git", "init", "-q", str(root)], check=True)


def run_session(
    root: Path,
    options: list[str],
    wrapper: Sequence[str] = (),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Run a session, optionally under another program, and return its stderr."""
    command = [*wrapper, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # bytecode is cached, as usual
        **variables,
    }
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr


def count_instructions(
    root: Path, options: list[str], variables: Mapping[str, str] = MappingProxyType({})
) -> int:
    """Count the instructions of a session, its worker processes included."""
    output = run_session(root, options, CACHEGRIND, variables)
    counts = re.findall(r"I\s+refs:\s+([\d,]+)", output)
    return sum(int(count.replace(",", "")) for count in counts)
