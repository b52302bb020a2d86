"""Run commands that must succeed: the time of a failed command would be a wrong figure."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TAIL = 600  # characters of a failed command's output that the message holds


class CommandFailed(Exception):  # noqa: N818 - that is what happened
    """A command failed that must succeed."""


def run(
    *command: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> str:
    """Run a command to its end and return its standard output.

    Args:
        command: Program and arguments.
        cwd: The working directory.
        env: Variables in addition to those of this process.
        codes: The expected exit codes.

    Raises:
        CommandFailed: The program is missing, or its exit code is another; the message then ends
            with its output.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise CommandFailed(f"{words[0]} not found: install it, or put it on PATH") from error
    if done.returncode not in codes:
        output = (done.stdout + done.stderr)[-TAIL:].strip()
        raise CommandFailed(f"{' '.join(words)} failed with exit code {done.returncode}:\n{output}")
    return done.stdout


def extract(archive: Path, directory: Path) -> None:
    """Extract an archive into a directory, by a program: `tarfile` is safe from Python 3.11.4 on.

    Raises:
        CommandFailed: The archive cannot be extracted.
    """
    directory.mkdir(parents=True, exist_ok=True)
    run("tar", "--extract", "--no-same-owner", f"--file={archive}", f"--directory={directory}")
