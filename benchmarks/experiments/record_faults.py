"""Record how real test suites fail with seeded faults: the data of the benchmark of error classes.

Each fault is injected into a project from the package index, the project's own test suite runs with
the recorder, and the failures are written to a cache outside the repository, one JSON line each.

Usage: python -m benchmarks.experiments.record_faults [PROJECT]...
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.experiments.mutate import apply, faults
from benchmarks.framework.commands import extract
from hangar_devkit.history.store.file import StoreError
from hangar_devkit.history.store.store import Store

PROJECTS = {
    # name: (package directory, pytest arguments)
    "boltons": ("boltons", ["tests"]),
    "cachetools": ("src/cachetools", ["tests"]),
    "humanize": ("src/humanize", ["tests"]),
    "itsdangerous": ("src/itsdangerous", ["tests"]),
    "markupsafe": ("src/markupsafe", ["tests"]),
    "pluggy": ("src/pluggy", ["testing", "--ignore=testing/benchmark.py"]),
    "semver": ("src/semver", ["tests"]),
    "sqlparse": ("sqlparse", ["tests"]),
    "tabulate": ("tabulate", ["test"]),
    "toolz": ("toolz", ["toolz"]),
    "h11": ("h11", ["h11/tests"]),
    "isodate": ("src/isodate", ["tests"]),
    "jmespath": ("jmespath", ["tests"]),
    "marshmallow": ("src/marshmallow", ["tests"]),
    "mistune": ("src/mistune", ["tests"]),
    "schema": ("schema", ["test_schema.py"]),
    "voluptuous": ("voluptuous", ["voluptuous/tests"]),
    "wcwidth": ("wcwidth", ["tests"]),
    "wsproto": ("src/wsproto", ["tests"]),
    "xmltodict": (".", ["tests"]),
}
REQUIREMENTS = ("freezegun", "h11", "pretend", "simplejson", "tomli-w")
DEVELOPMENT = tuple(PROJECTS)[:10]
"""The projects on which the methods were developed."""
ACCEPTANCE = tuple(PROJECTS)[10:]
"""Projects that were named here before anything was measured on them."""
OPTIONS = [
    "-q", "--no-header", "-p", "no:cacheprovider", "-p", "hangar_devkit.history.plugin",
    "--tb=short",
    "-o", "addopts=", "-W", "ignore",
]  # fmt: skip
CACHE = Path(os.environ.get("HANGAR_BENCH_CACHE", "~/.cache/hangar-bench")).expanduser()


class NotRunnableError(Exception):
    """The test suite of a project does not run here."""


def install_requirements() -> None:
    """Give the test suites what they need: installed packages, and a variable."""
    os.environ["WCWIDTH_PYTHON"] = "1"  # else its tests need its extension in C
    target = CACHE / "needs"
    command = ["uv", "pip", "install", "--quiet", f"--target={target}", *REQUIREMENTS]
    subprocess.run(command, check=True)
    sys.path.append(str(target))


def unpack(name: str) -> Path:
    """Return the unpacked source distribution of a project; download it if missing."""
    archives = CACHE / "sdists"
    archives.mkdir(parents=True, exist_ok=True)
    stem = name.replace("-", "_")
    found = sorted(archives.glob(f"{stem}-*.tar.gz"))
    if not found:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-binary",
            ":all:",
            "-d",
            str(archives),
            name,
        ]
        subprocess.run(command, check=True)
        found = sorted(archives.glob(f"{stem}-*.tar.gz"))
    work = CACHE / "work" / name
    shutil.rmtree(work, ignore_errors=True)
    extract(found[-1], work)
    return next(work.iterdir())


def run_suite(root: Path, name: str, timeout: float) -> tuple[list[dict[str, object]], set[str]]:
    """Run a project's test suite; return its failures and the tests that ran.

    It runs in a fork of this process, which has already imported pytest: the import would take most
    of the time of a small suite. The child is killed at the timeout.
    """
    package, arguments = PROJECTS[name]
    store = CACHE / "work" / f"{name}.sqlite"
    for path in store.parent.glob(f"{name}.sqlite*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    child = os.fork()
    if not child:
        signal.alarm(math.ceil(timeout))
        os.environ.update(DEVKIT_HISTORY_STORE=str(store), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
        os.chdir(root)
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        top = Path(package).name
        for module in [m for m in sys.modules if m.partition(".")[0] == top]:
            del sys.modules[module]  # pytest keeps the copy that it has imported
        sys.path.insert(0, str((root / package).parent))
        pytest.main([*OPTIONS, *arguments])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return [], set()
    try:
        opened = Store.read(store)
    except StoreError as error:
        message = f"its test suite does not start: {error}"
        raise NotRunnableError(message) from error
    with opened:
        tests = {row[0] for row in opened.connection.execute("SELECT nodeid FROM test")}
        rows = opened.connection.execute(
            "SELECT nodeid, phase, exception, message, frames, trace FROM failure"
            " JOIN test ON test.id=failure.test JOIN evidence ON evidence.id=failure.evidence"
        ).fetchall()
    names = ("nodeid", "phase", "exception", "message", "frames", "trace")
    facts = [dict(zip(names, row, strict=True)) for row in rows]
    for fact in facts:
        fact["frames"] = json.loads(fact["frames"])
    return facts, tests


def record_all(names: Iterable[str], count: int, budget: float, seed: int) -> None:
    """Record projects; note why one could not be recorded."""
    install_requirements()
    for name in names:
        note = _note(name)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        try:
            record(name, count, budget, seed)
        except NotRunnableError as error:
            print(f"{name}: could not record: {error}", file=sys.stderr)
            note.write_text(str(error), encoding="utf-8")


def reason(name: str) -> str:
    """Return why a project could not be recorded, or was not."""
    note = _note(name)
    return note.read_text(encoding="utf-8") if note.exists() else "too few faults were recorded"


def _note(name: str) -> Path:
    return CACHE / "failures" / f"{name}.txt"


def record(name: str, count: int, budget: float, seed: int) -> None:
    """Record a project's failures with up to `count` faults, within `budget` seconds.

    Raises:
        NotRunnableError: Its test suite does not run here.
    """
    root = unpack(name)
    began = time.monotonic()
    healthy, tests = run_suite(root, name, 300)
    suite = time.monotonic() - began
    broken = {fact["nodeid"] for fact in healthy}
    print(
        f"{name}: {len(tests)} tests in {suite:.1f} s, {len(broken)} of them fail without a fault",
        file=sys.stderr,
    )
    if len(broken) == len(tests):
        message = "each of its tests fails here without a fault"
        raise NotRunnableError(message)
    target = CACHE / "failures" / f"{name}.jsonl"
    kept = 0
    draft = target.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        for fault in faults(root, PROJECTS[name][0], 10 * count, seed):
            if kept >= count or time.monotonic() - began > budget:
                break
            before = apply(root, fault)
            try:
                facts, ran = run_suite(root, name, 3 * suite + 5)
            except NotRunnableError:  # the fault prevents even the collection
                continue
            finally:
                (root / fault.path).write_bytes(before)
            facts = [fact for fact in facts if fact["nodeid"] not in broken]
            if (
                not facts
                or any(fact["phase"] == "collect" for fact in facts)
                or len(ran) < len(tests)
            ):
                continue
            label = f"{fault.path}:{fault.start}:{fault.category}"
            for fact in facts:
                file.write(json.dumps({"fault": label, **fact}, ensure_ascii=False) + "\n")
            kept += 1
    draft.replace(target)
    print(f"{name}: {kept} faults kept, {time.monotonic() - began:.0f} s", file=sys.stderr)


def main() -> None:
    """Record the projects given on the command line, by default all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*", default=list(PROJECTS))
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--budget", type=float, default=300, help="seconds for each project")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    record_all(options.projects, options.faults, options.budget, options.seed)


if __name__ == "__main__":
    main()
