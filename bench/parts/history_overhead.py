"""Test history, overhead: instructions of a session with the recorder.

A ratio to the same session without it, beside pytest's own JUnit XML and recorders from the package
index. A session is 1,000 empty tests, so that the recorder is all there is to see. The session
without loads an empty plugin in its place, as looking for a plugin by name costs something itself.
Instructions are counted by cachegrind, as wall time of two like sessions differs by more than any
of these. Needs valgrind.
"""

import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import progress
from bench.commands import run
from bench.figures import OURS, Figure, Options, Unmeasured
from bench.history import overhead
from bench.machine import cores

NOTHING = ["-p", "empty_plugin"]
RECORD = ["-p", "hangar_devkit.history.plugin"]
# name -> (what to install, what to tell pytest)
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
STORED = 20  # sessions, of which the last stores what all have left
DRIFT = 0.01  # by how much the counts of two like sessions differ, with workers


def figures(options: Options) -> list[Figure]:  # noqa: ARG001 - counts hardly differ between runs
    """Count instructions of each kind of session."""
    if not shutil.which("valgrind"):
        raise Unmeasured("no valgrind here, which counts instructions; apt install valgrind")
    with tempfile.TemporaryDirectory() as name:
        packages = Path(name)
        for needs, _ in RECORDERS.values():
            if needs:
                run("uv", "pip", "install", "--quiet", "--no-deps", f"--target={packages}", *needs)
        known = os.environ.get("PYTHONPATH", "")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [name, known]))
        try:
            told = [each for _, each in RECORDERS.values()]
            # Counts do not change when sessions run side by side, and it takes half as long.
            with ThreadPoolExecutor(cores()) as pool:
                theirs = pool.submit(session, told)
                ours = pool.submit(session, [NOTHING, RECORD, RECORD], then=STORED)
                with_failures = pool.submit(session, [NOTHING, RECORD], failing=0.05)
            # Workers that wait for each other take more in company: these are alone.
            by_two = session([[*WORKERS, *NOTHING], [*WORKERS, *RECORD]] * 2)
        finally:
            os.environ["PYTHONPATH"] = known
    plain, first, later, storing = ours.result()
    mean = (later * (STORED - 1) + storing) / STORED
    alone, recorded = min(by_two[::2]), min(by_two[1::2])
    failing, failing_recorded = with_failures.result()
    ratio = "instructions of a session, ratio"
    rows = [
        (ratio, OURS, later / plain, 1.02),
        (ratio, f"{OURS}, first run", first / plain, 1.02),
        *(
            (ratio, each, count / plain, None)
            for each, count in zip(RECORDERS, theirs.result(), strict=True)
        ),
        (f"{ratio}, mean of {STORED} runs, one of which stores them", OURS, mean / plain, None),
        (f"{ratio}, two workers", OURS, recorded / alone, 1.02),
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


def session(ways: list[list[str]], failing: float = 0.0, then: int = 0) -> list[int]:
    """Count the instructions of one session run in several ways, in one project.

    With `then` the recorder goes on to that many sessions, and the last of them counts too.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        overhead.project(root, failing)
        (root / "empty_plugin.py").touch()
        overhead.session(root, RECORD)  # compiles the tests and what records them
        shutil.rmtree(root / ".cache", ignore_errors=True)
        counts = []
        for way in ways:
            progress.step(f"counting: pytest {' '.join(way)}")
            counts.append(overhead.instructions(root, way))
        if then:
            for _ in range(then - ways.count(RECORD) - 1):
                overhead.session(root, RECORD)
            counts.append(overhead.instructions(root, RECORD))
        return counts
