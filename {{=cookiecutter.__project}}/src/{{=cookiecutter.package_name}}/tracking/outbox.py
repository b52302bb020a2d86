"""Outbox of runs: the directory of a run exists until the tracker has stored the run."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from . import registry
from .database import lock_file
from .port import Tracker, TrackingError
from .record import FILE, MODEL, REPORT, SENT, Record

LOCK = ".running"
OUTBOX = Path("runs/outbox")  # contains the directories of runs


@dataclass(frozen=True)
class Delivery:
    """A run that a tracker has stored.

    Attributes:
        run: ID of the run in the tracker.
        model: A line about the version of its model; empty if it has none.
        can_go_on: Whether its directory was kept, so that `train --continue` goes on with it.
    """

    run: str
    model: str
    can_go_on: bool = False


def acquire_lock(directory: Path) -> sqlite3.Connection:
    """Lock the directory of a run until the connection is closed or the process ends.

    Raises:
        TrackingError: Another process holds the lock.
    """
    try:
        return lock_file(directory / LOCK, 0)
    except sqlite3.OperationalError as error:
        raise TrackingError(f"{directory}: another process uses this directory") from error


@dataclass(frozen=True)
class Pending:
    """A run whose directory is in the outbox.

    Attributes:
        directory: Its directory.
        state: Whether it is active, waits to be sent, is partial or damaged, in a few words.
        is_partial: Whether it has no record, so that it cannot be sent.
        size: Size of its files, in bytes.
        changed: When one of its files was changed last.
    """

    directory: Path
    state: str
    is_partial: bool
    size: int
    changed: datetime

    @property
    def age(self) -> float:
        """Hours since the last change."""
        return (datetime.now(UTC) - self.changed).total_seconds() / 3600


def pending(outbox: Path) -> Iterator[Pending]:
    """Yield the runs in the outbox, the oldest first."""
    for directory in sorted(path for path in outbox.glob("*") if path.is_dir()):
        stats = [path.stat() for path in [directory, *directory.rglob("*")] if path.exists()]
        changed = datetime.fromtimestamp(max(each.st_mtime for each in stats), UTC)
        has_ended = _has_ended(directory)
        is_partial = has_ended and not (directory / FILE).exists()
        state = _state(directory) if has_ended else "active"
        yield Pending(directory, state, is_partial, sum(each.st_size for each in stats), changed)


def _state(directory: Path) -> str:
    """Return what a run that has ended waits for, and the commands for it."""
    again = f"`train --continue {directory.name}` goes on with it"
    if not (directory / FILE).exists():
        return "partial: `runs clean` deletes it" + (
            f", {again}" if (directory / SENT).exists() else ""
        )
    try:
        record = Record.read(directory)
    except OSError:
        return f"damaged: {FILE} cannot be read, so that it cannot be sent"
    state = f"{record.status}, waits for {record.store or 'its store'}: `resume` sends it"
    return state + (f", {again}" if record.can_go_on and has_results(directory) else "")


def delete(directory: Path) -> None:
    """Delete the directory of a partial run.

    Raises:
        TrackingError: It is not in the outbox, has a record, or another process uses it.
    """
    _check(directory)
    with closing(acquire_lock(directory)):
        if (directory / FILE).exists():
            raise TrackingError(f"{directory} has a record; `resume` sends it")
    shutil.rmtree(directory)


def undelivered(outbox: Path) -> list[Path]:
    """Return the directories of ended runs that were not delivered, the oldest first."""
    return sorted(file.parent for file in outbox.glob(f"*/{FILE}") if _has_ended(file.parent))


def _has_ended(directory: Path) -> bool:
    if not (directory / LOCK).exists():
        return True
    try:
        with closing(acquire_lock(directory)):
            return True
    except TrackingError:
        return False


def _check(directory: Path) -> None:
    """Refuse a directory that is not one of a run: it would be deleted."""
    if directory.is_symlink() or directory.name == ".." or directory.parent.name != OUTBOX.name:
        raise TrackingError(f"{directory} is not a directory of a run in {OUTBOX}; nothing changed")


def send(directory: Path, tracker: Tracker, lock: sqlite3.Connection | None = None) -> Delivery:
    """Deliver a run and its model to a tracker, and remove its directory.

    The directory of a run that can go on is kept, if it has results of steps.

    Args:
        directory: Directory of the run.
        tracker: Tracker that stores the run.
        lock: Lock that the run already holds, from `acquire_lock`; released at the end.

    Raises:
        OSError: The record is damaged.
        TrackingError: The tracker did not store the run, or the directory is not one of a run; it
            is kept and named.
    """
    _check(directory)
    # The lock keeps other processes from sending the same run.
    with closing(lock or acquire_lock(directory)):
        try:
            record = Record.read(directory)
            run = tracker.deliver(record, directory)
            line = registry.enter(tracker, record, run)
        except TrackingError as error:
            raise TrackingError(f"{error}\nkept in {directory}; send it with `resume`") from error
        if record.can_go_on and has_results(directory):
            (directory / FILE).replace(directory / SENT)
            return Delivery(run, line, can_go_on=True)
        (directory / FILE).unlink()
    shutil.rmtree(directory)
    return Delivery(run, line)


def has_results(directory: Path) -> bool:
    """Return whether the directory of a run has results of steps, not only its record."""
    own = {FILE, SENT, LOCK, REPORT, MODEL}
    return any(path.name not in own and path.name[0] != "." for path in directory.iterdir())
