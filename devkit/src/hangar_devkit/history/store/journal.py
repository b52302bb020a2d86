"""Journals: files to which sessions append what they record, until the store ingests them.

A session that passes opens no database: it writes its journal, and whoever opens the store next
ingests it. This module is part of every recorded session, so it imports no database.
"""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hangar_devkit.history.records import Group, Run

if TYPE_CHECKING:
    from hangar_devkit.history.results import Result

FORMAT: Final = 1
_MAX_SESSIONS: Final = 20
_MAX_BYTES: Final = 500_000
"""Limits for pending journals; the store ingests half a megabyte in about 35 ms."""
_PENDING = (".pending", ".waiting")
_DIRTY = (".dirty", ".news")
"""Suffixes of what lies beside a store; the second of each is what versions before 0.2 wrote."""


class Journal:
    """The file of one session.

    Args:
        store: Path of the store.
        run: The session, as it began.

    Attributes:
        run: The session, as it began.
    """

    def __init__(self, store: Path, run: Run) -> None:
        self._store = store
        self.run = run
        self._directory = f"{store}{_PENDING[0]}"
        self._file = f"{self._directory}/{run.started:.3f}-{run.uid}.jsonl"

    def append(self, rows: "Sequence[Group | Result]", *, over: bool = False) -> None:
        """Append a batch as one line, so that a damaged line does not affect the others.

        Args:
            rows: The batch.
            over: Whether it is the last one.

        Raises:
            OSError: The batch cannot be written; then no part of it is left in the file.
        """
        run = self.run._replace(seconds=time.time() - self.run.started)
        text = json.dumps((FORMAT, over, run, rows), ensure_ascii=False)
        line = f"{text}\n".encode(errors="xmlcharrefreplace")  # file names may not be Unicode
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
    """Create the directory of a store, with a `.gitignore` of its own.

    Raises:
        OSError: The directory cannot be created.
    """
    directory = store.parent
    if not directory.is_dir():
        directory.mkdir(parents=True, exist_ok=True)
        (directory / ".gitignore").write_text("# Test history, local to each machine.\n*\n")


def facts_path(store: Path, digest: str) -> Path:
    """Return the path of the facts behind a digest in a content key."""
    return store.with_name(f"{store.name}.facts") / f"{digest}.json"


def pending(store: Path) -> list[Path]:
    """Return the journals that the store has not ingested yet, oldest session first."""
    return sorted((Path(entry.path) for entry in _entries(store)), key=lambda file: file.name)


def should_ingest(store: Path) -> bool:
    """Return whether the pending journals exceed the limits."""
    try:
        sizes = [entry.stat().st_size for entry in _entries(store)]
    except FileNotFoundError:  # another process ingests them
        return False
    return len(sizes) >= _MAX_SESSIONS or sum(sizes) >= _MAX_BYTES


def _entries(store: Path) -> list[os.DirEntry[str]]:
    entries: list[os.DirEntry[str]] = []
    for suffix in _PENDING:
        directory = f"{store}{suffix}"
        if os.path.isdir(directory):
            with os.scandir(directory) as files:
                entries += [entry for entry in files if entry.name.endswith(".jsonl")]
    return entries


def has_failures(store: Path) -> bool:
    """Return whether recent runs had failures, so that each new run must be analysed."""
    return any(os.path.exists(f"{store}{suffix}") for suffix in _DIRTY)


def set_failures(store: Path, *, present: bool) -> None:
    """Remember whether recent runs had failures.

    Raises:
        OSError: The marker beside the store cannot be changed.
    """
    if present:
        Path(f"{store}{_DIRTY[0]}").touch()
    for suffix in _DIRTY[1:] if present else _DIRTY:
        Path(f"{store}{suffix}").unlink(missing_ok=True)
