"""What sessions recorded and the store has not taken in yet: a file for each, only appended to.

A session in which all is well opens no database for it. Whoever opens the store reads these first.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hangar_devkit.history.records import Group, Run
    from hangar_devkit.history.results import Result

FORMAT: Final = 1
_SESSIONS: Final = 20
_BYTES: Final = 500_000
"""So much may wait; the store takes in half a megabyte in about 35 ms."""


class Journal:
    """The file of one session.

    Args:
        store: The store's file.
        run: The session, as it began.

    Attributes:
        run: As given.
    """

    def __init__(self, store: Path, run: Run) -> None:
        self._store = store
        self.run = run
        self._directory = str(_directory(store))
        self._file = f"{self._directory}/{run.started:.3f}-{run.uid}.jsonl"

    def append(self, rows: Sequence[Group | Result], *, over: bool = False) -> None:
        """Append a batch; a line stands for itself, so that one that is lost costs no other.

        Args:
            rows: The batch.
            over: Whether it is the last one.

        Raises:
            OSError: When it cannot be written; nothing of it is left then.
        """
        run = self.run._replace(seconds=time.time() - self.run.started)
        text = json.dumps((FORMAT, over, run, rows), ensure_ascii=False)
        line = f"{text}\n".encode(errors="xmlcharrefreplace")  # a file's name may be no Unicode
        if not os.path.isdir(self._directory):
            prepare_directory(self._store)
            os.makedirs(self._directory, exist_ok=True)
        with open(self._file, "ab", buffering=0) as file:
            before = file.tell()
            try:
                while line:
                    line = line[file.write(line) :]
            except OSError:
                file.truncate(before)
                if not before:
                    os.unlink(self._file)
                raise


def prepare_directory(store: Path) -> None:
    """Make the directory of a store, which git ignores.

    Raises:
        OSError: When it cannot be made.
    """
    directory = store.parent
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / ".gitignore").write_text("# Test history, kept on each machine.\n*\n")


def _directory(store: Path) -> Path:
    return store.with_name(f"{store.name}.waiting")


def waiting(store: Path) -> list[Path]:
    """Return the files that wait for a store, oldest session first."""
    return sorted(_directory(store).glob("*.jsonl"))


def piles_up(store: Path) -> bool:
    """Tell whether so much waits that it should be stored at the next opportunity."""
    try:
        sizes = [file.stat().st_size for file in waiting(store)]
    except FileNotFoundError:  # another process stores it
        return False
    return len(sizes) >= _SESSIONS or sum(sizes) >= _BYTES


def _news(store: Path) -> Path:
    return store.with_name(f"{store.name}.news")


def has_news(store: Path) -> bool:
    """Tell whether something failed lately, so that the store must be looked at after each run."""
    return _news(store).exists()


def set_news(store: Path, *, news: bool) -> None:
    """Note whether something failed lately.

    Raises:
        OSError: When that cannot be written.
    """
    if news:
        _news(store).touch()
    else:
        _news(store).unlink(missing_ok=True)
