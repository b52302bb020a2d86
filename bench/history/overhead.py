"""What the recorder costs: instructions of a session with it against one without (cachegrind).

Wall time on a shared machine says nothing: two identical sessions differ by a factor of two.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import devkit

TESTS = 1000
FILES = 10


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


def instructions(root: Path, options: list[str]) -> int:
    """Return the instructions that a session takes, its worker processes included."""
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "0",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "",  # compiled files are read again, as they usually are
    }
    command = [
        "nice",
        "valgrind",
        "--tool=cachegrind",
        "--cache-sim=no",
        "--trace-children=yes",
        "--trace-children-skip=*/git",
        "--cachegrind-out-file=/dev/null",
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *options,
    ]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    counts = re.findall(r"I\s+refs:\s+([\d,]+)", done.stderr)
    return sum(int(count.replace(",", "")) for count in counts)


def measure(name: str, options: list[str], failing: float = 0.0) -> dict[str, object]:
    """Measure one kind of session, on an empty history and on one that has a run."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        project(root, failing)
        recorder = ["-p", "devkit.history.plugin"]
        for warm in ([], recorder):
            subprocess.run(
                [sys.executable, "-m", "pytest", "-q", *warm],
                cwd=root,
                check=False,
                capture_output=True,
                env={
                    **os.environ,
                    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
                    "PYTHONDONTWRITEBYTECODE": "",
                },
            )
        shutil.rmtree(root / ".cache", ignore_errors=True)
        plain = instructions(root, options)
        first = instructions(root, [*options, *recorder])
        second = instructions(root, [*options, *recorder])
        return {
            "session": name,
            "plain": plain,
            "first_run": round(first / plain, 4),
            "second_run": round(second / plain, 4),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", action="store_true", help="also under pytest-xdist -n 2")
    parser.add_argument("--junitxml", action="store_true", help="also pytest's own --junitxml")
    options = parser.parse_args()
    compileall.compile_dir(Path(devkit.__file__).parent, quiet=2)  # as an installation does
    rows = [measure("sequential", []), measure("5 % fail", [], failing=0.05)]
    if options.workers:
        rows.append(measure("-n 2", ["-p", "xdist.plugin", "-n", "2"]))
    print(json.dumps(rows))
    for row in rows:
        print(
            f"{row['session']:12} first run {row['first_run']:.4f}  later {row['second_run']:.4f}"
        )


if __name__ == "__main__":
    main()
