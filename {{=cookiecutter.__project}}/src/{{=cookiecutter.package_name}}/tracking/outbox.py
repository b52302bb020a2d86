"""Outbox of runs: the directory of a run exists until the tracker has stored the run."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from .database import lock_file
from .port import Tracker, TrackingError
from .record import FILE, Record

LOCK = ".running"
OUTBOX = "outbox"  # name of the directory that contains the directories of runs


def acquire_lock(directory: Path) -> sqlite3.Connection:
    """Lock the directory of a run until the connection is closed or the process ends.

    Raises:
        TrackingError: Another process holds the lock.
    """
    try:
        return lock_file(directory / LOCK, 0)
    except sqlite3.OperationalError as error:
        raise TrackingError(f"{directory}: another process uses this directory") from error


def undelivered(outbox: Path) -> list[Path]:
    """Return the directories of ended runs that were not delivered, the oldest first."""
    return sorted(file.parent for file in outbox.glob(f"*/{FILE}") if _has_ended(file.parent))


def _has_ended(directory: Path) -> bool:
    try:
        with closing(acquire_lock(directory)):
            return True
    except TrackingError:
        return False


def send(directory: Path, tracker: Tracker, lock: sqlite3.Connection | None = None) -> str:
    """Deliver a run to a tracker, remove its directory, and return the ID of the run.

    Args:
        directory: Directory of the run.
        tracker: Tracker that stores the run.
        lock: Lock that the run already holds, from `acquire_lock`; released at the end.

    Raises:
        TrackingError: The tracker did not store the run, or the directory is not one of a run; it
            is kept and named.
    """
    # The directory is deleted at the end: a wrong path must never get that far.
    if directory.is_symlink() or directory.name == ".." or directory.parent.name != OUTBOX:
        raise TrackingError(f"{directory} is not a directory of a run in {OUTBOX}; nothing sent")
    # The lock keeps other processes from sending the same run.
    with closing(lock or acquire_lock(directory)):
        try:
            run = tracker.deliver(Record.read(directory), directory)
        except TrackingError as error:
            raise TrackingError(f"{error}\nkept in {directory}; send it with `resume`") from error
        (directory / FILE).unlink()
    shutil.rmtree(directory)
    return run
