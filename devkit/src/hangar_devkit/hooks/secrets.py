"""Search for secrets in files, with betterleaks."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

SCAN = ("filesystem", "--redact", "--no-banner", "--log-level=error")
SKIPPED = frozenset({"uv.lock"})  # hashes


def leaked(paths: Iterable[str]) -> bool:
    """Search files for secrets and print what is found, without the secrets themselves.

    betterleaks prepares its rules anew for each file that it is given, which takes longer than the
    search. So it gets one directory that holds copies of the files.

    Args:
        paths: Paths below the working directory.

    Returns:
        Whether something was found.

    Raises:
        OSError: A file cannot be read, or betterleaks cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-secrets-") as name:
        directory = Path(name)
        for path in paths:
            if path not in SKIPPED:
                copy = directory / path
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        done = subprocess.run([_program(), *SCAN, "."], cwd=directory, check=False)
    return done.returncode != 0


def _program() -> str:
    beside = shutil.which("betterleaks", path=str(Path(sys.executable).parent))
    return beside or "betterleaks"
