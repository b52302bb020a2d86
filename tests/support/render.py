"""Generate a project with Cookiecutter or cruft, in this process or by their command lines."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cruft
from cookiecutter.main import cookiecutter

from tests.support.template import Answers, known

BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Run:
    """Result of a command."""

    code: int
    out: str
    err: str


def by_api(template: Path, out: Path, answers: Answers) -> Path:
    """Generate with Cookiecutter in this process, the fastest way."""
    given = dict(known(answers))
    return Path(
        cookiecutter(str(template), no_input=True, output_dir=str(out), extra_context=given)
    )


def by_cruft_api(template: Path, out: Path, answers: Answers) -> Path:
    """Generate with cruft in this process."""
    given = dict(known(answers))
    return Path(cruft.create(str(template), output_dir=out, extra_context=given))


def by_cookiecutter(template: Path, out: Path, answers: Answers, *options: str) -> Run:
    """Generate with the command line of Cookiecutter."""
    given = [f"{name}={value}" for name, value in known(answers).items()]
    return run(
        *(BIN / "cookiecutter", template, "--no-input", "--output-dir", out, *options, *given)
    )


def by_cruft(template: Path, out: Path, answers: Answers) -> Run:
    """Generate with the command line of cruft."""
    given = json.dumps(dict(known(answers)))
    return run(
        *(BIN / "cruft", "create", template, "--no-input", "--output-dir", out),
        *("--extra-context", given),
    )


def run(
    *command: object,
    cwd: Path | None = None,
    env: dict[str, str | None] | None = None,
    typed: str = "",
) -> Run:
    """Run a command and capture its output; None in `env` removes a variable."""
    merged = {**os.environ, **(env or {})}
    done = subprocess.run(
        [os.fspath(part) if isinstance(part, Path) else str(part) for part in command],
        cwd=cwd,
        env={name: value for name, value in merged.items() if value is not None},
        check=False,
        capture_output=True,
        text=True,
        input=typed,
    )
    return Run(done.returncode, done.stdout, done.stderr)


@cache
def contents(root: Path) -> dict[str, bytes]:
    """Return the content of every file in a directory; the result is cached."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
