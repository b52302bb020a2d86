"""Journals: files to which sessions append what they record, until the store ingests them.

A session that passes opens no database: it writes its journal, and whoever opens the store next
ingests it. This module is part of every recorded session, so it imports no database.
"""

import os
from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hangar_devkit.history.records import Group, Run
from hangar_devkit.history.store.marker import MARKER, Marker, has_died
from hangar_devkit.history.system import SYSTEM

if TYPE_CHECKING:
    import pytest

    from hangar_devkit.history.results import Result

FORMAT: Final = 1
JOURNAL: Final = ".jsonl"
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
        self._stem = f"{self._directory}/{run.started:.3f}-{run.uid}"
        self._file = f"{self._stem}{JOURNAL}"

    def append(self, rows: "Sequence[Group | Result]", *, over: bool = False) -> None:
        """Append a batch as one line, so that a damaged line does not affect the others.

        Args:
            rows: The batch.
            over: Whether it is the last one.

        Raises:
            OSError: The batch cannot be written; then no part of it is left in the file.
        """
        run = self.run._replace(seconds=SYSTEM.now() - self.run.started)
        text = dumps((FORMAT, over, run, rows), ensure_ascii=False)
        line = f"{text}\n".encode(errors="xmlcharrefreplace")  # file names may not be Unicode
        try:
            SYSTEM.append(self._file, line)
        except FileNotFoundError:
            self._prepare_directory()
            SYSTEM.append(self._file, line)

    def mark(self, tests: "Sequence[pytest.Item]") -> Marker:
        """Create the marker of this session, which runs the tests in this order.

        Raises:
            OSError: It cannot be written.
        """
        self._prepare_directory()
        return Marker(f"{self._stem}{MARKER}", self.run, tests)

    def _prepare_directory(self) -> None:
        prepare_directory(self._store)
        SYSTEM.make_directory(self._directory)


def prepare_directory(store: Path) -> None:
    """Create the directory of a store, with a `.gitignore` of its own.

    Raises:
        OSError: The directory cannot be created.
    """
    directory = str(store.parent)
    if not SYSTEM.exists(directory):
        SYSTEM.make_directory(directory)
        SYSTEM.append(f"{directory}/.gitignore", b"# Test history, local to each machine.\n*\n")


def facts_path(store: Path, digest: str) -> Path:
    """Return the path of the facts behind a digest in a content key."""
    return store.with_name(f"{store.name}.facts") / f"{digest}.json"


def pending(store: Path) -> list[Path]:
    """Return the journals that the store has not ingested yet, oldest session first.

    The journal of a session that died before it wrote anything does not exist: its marker does.
    """
    markers = [Path(entry.path) for entry in _entries(store, MARKER)]
    found = {Path(entry.path) for entry in _entries(store, JOURNAL)}
    found |= {marker.with_suffix(JOURNAL) for marker in markers if has_died(marker)}
    return sorted(found, key=lambda file: file.name)


def should_ingest(store: Path) -> bool:
    """Return whether the pending journals exceed the limits, or a session has died."""
    try:
        sizes = [entry.stat().st_size for entry in _entries(store, JOURNAL)]
        markers = _entries(store, MARKER)
    except FileNotFoundError:  # another process ingests them
        return False
    if any(has_died(Path(entry.path)) for entry in markers):
        return True
    return len(sizes) >= _MAX_SESSIONS or sum(sizes) >= _MAX_BYTES


def _entries(store: Path, ending: str) -> list[os.DirEntry[str]]:
    entries: list[os.DirEntry[str]] = []
    for suffix in _PENDING:
        directory = f"{store}{suffix}"
        try:
            with SYSTEM.scandir(directory) as files:
                entries += [entry for entry in files if entry.name.endswith(ending)]
        except (FileNotFoundError, NotADirectoryError):
            continue
    return entries


def has_failures(store: Path) -> bool:
    """Return whether recent runs had failures, so that each new run must be analysed."""
    return any(SYSTEM.exists(f"{store}{suffix}") for suffix in _DIRTY)


def set_failures(store: Path, *, present: bool) -> None:
    """Remember whether recent runs had failures.

    Raises:
        OSError: The marker beside the store cannot be changed.
    """
    if present:
        SYSTEM.append(f"{store}{_DIRTY[0]}", b"")
    for suffix in _DIRTY[1:] if present else _DIRTY:
        try:
            SYSTEM.unlink(f"{store}{suffix}")
        except FileNotFoundError:
            continue
