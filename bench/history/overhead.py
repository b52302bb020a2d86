"""Counts the instructions of a session (cachegrind).

Wall time on a shared machine says nothing: two identical sessions differ by a factor of two.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

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


def project(root: Path, failing: float) -> None:
    """Write a project of trivial tests, of which a share fails with a long traceback."""
    (root / "pytest.ini").write_text("[pytest]\n")
    tests = root / "tests"
    tests.mkdir()
    every = round(1 / failing) if failing else 0
    for number in range(FILES):
        lines = ["def deep(n):", "    if n == 0: raise ValueError('deep')", "    deep(n - 1)", ""]
        for test in range(TESTS // FILES):
            body = "deep(20)" if every and test % every == 0 else "pass"
            lines += [f"def test_{test}():", f"    {body}", ""]
        (tests / f"test_{number}.py").write_text("\n".join(lines))
    subprocess.run(["git", "init", "-q", str(root)], check=True)


def session(root: Path, options: list[str], under: Sequence[str] = ()) -> str:
    """Run a session, under another program if one is named, and return what it said on stderr."""
    command = [*under, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # compiled files are read again, as they usually are
    }
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    return done.stderr


def instructions(root: Path, options: list[str]) -> int:
    """Return the instructions that a session takes, its worker processes included."""
    told = session(root, options, CACHEGRIND)
    counts = re.findall(r"I\s+refs:\s+([\d,]+)", told)
    return sum(int(count.replace(",", "")) for count in counts)
