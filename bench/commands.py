"""Run commands that must succeed: with other output than of theirs there would be no figure."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TOLD = 600  # characters of what a failed command printed


class CommandFailed(Exception):  # noqa: N818 - that is what happened
    """A command that must succeed did not: its time would be of something else."""


def finish(
    command: Sequence[object],
    directory: Path | None = None,
    environ: Mapping[str, str] | None = None,
    codes: Sequence[int] = (0,),
) -> str:
    """Run a command to its end.

    Args:
        command: Its words.
        directory: Where it runs.
        environ: Variables besides those of this process.
        codes: How it may end.

    Returns:
        What it printed on standard output.

    Raises:
        CommandFailed: It ended otherwise, and the message ends with what it printed; or there is
            no such program.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=directory,
            env={**os.environ, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise CommandFailed(f"{words[0]} is not there: install it, or put it on PATH") from error
    if done.returncode not in codes:
        told = (done.stdout + done.stderr)[-TOLD:].strip()
        raise CommandFailed(f"{' '.join(words)} ended with {done.returncode}:\n{told}")
    return done.stdout


def run(*words: object, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed; return what it prints.

    Raises:
        CommandFailed: It did not.
    """
    return finish(words, cwd, env)
