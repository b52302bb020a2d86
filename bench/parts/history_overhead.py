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
from pathlib import Path

from bench.figures import OURS, Figure, Options, Unmeasured
from bench.history.overhead import instructions, project
from bench.projects import run

NOTHING = ["-p", "empty_plugin"]
RECORD = ["-p", "devkit.history.plugin"]
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
}
WORKERS = ["-p", "xdist.plugin", "-n", "2"]
FAILING = "5 % of the tests fail"


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
            plain, first, *others, later = session([NOTHING, RECORD, *told, RECORD])
        finally:
            os.environ["PYTHONPATH"] = known
    alone, recorded = session([[*WORKERS, *NOTHING], [*WORKERS, *RECORD]])
    failing, failing_recorded = session([NOTHING, RECORD], failing=0.05)
    ratio = "instructions of a session, ratio"
    rows = [
        (ratio, OURS, later / plain, 1.02),
        (ratio, f"{OURS}, first run", first / plain, 1.02),
        *(
            (ratio, each, count / plain, None)
            for each, count in zip(RECORDERS, others, strict=True)
        ),
        (f"{ratio}, two workers", OURS, recorded / alone, 1.02),
        (f"{ratio}, {FAILING}", OURS, failing_recorded / failing, 1.05),
    ]
    return [
        Figure(name, value, "x", of=of, target=target, against="the same session without")
        for name, of, value, target in rows
    ]


def session(ways: list[list[str]], failing: float = 0.0) -> list[int]:
    """Count the instructions of one session run in several ways, in one project."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        project(root, failing)
        (root / "empty_plugin.py").touch()
        instructions(root, RECORD)  # compiles the tests and what records them
        shutil.rmtree(root / ".cache", ignore_errors=True)
        return [instructions(root, way) for way in ways]
