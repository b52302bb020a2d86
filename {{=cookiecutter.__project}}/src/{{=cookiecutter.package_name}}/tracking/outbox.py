"""Runs on their way: a run's directory is there until the tracker has it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from .database import locked
from .port import Tracker, TrackingError
from .record import FILE, Record

HOLD = ".running"


def hold(directory: Path) -> sqlite3.Connection:
    """Say that a run goes on, until the connection is closed or the process ends.

    Raises:
        TrackingError: Another process says so.
    """
    try:
        return locked(directory / HOLD, 0)
    except sqlite3.OperationalError as error:
        raise TrackingError(f"{directory}: another process runs here") from error


def waiting(outbox: Path) -> list[Path]:
    """List the directories of runs that are over and were not delivered, the oldest first."""
    return sorted(file.parent for file in outbox.glob(f"*/{FILE}") if _is_over(file.parent))


def _is_over(directory: Path) -> bool:
    try:
        with closing(hold(directory)):
            return True
    except TrackingError:
        return False


def send(directory: Path, tracker: Tracker, held: sqlite3.Connection | None = None) -> str:
    """Deliver a run, then remove its directory; return the run's id.

    Args:
        directory: Of the run.
        tracker: Takes it.
        held: What `hold` gave to the run itself; closed when the tracker has it.

    Raises:
        TrackingError: The tracker did not take it; the directory stays, and the message says where.
    """
    # Nobody else may send it meanwhile.
    with closing(held or hold(directory)):
        try:
            run = tracker.deliver(Record.read(directory), directory)
        except TrackingError as error:
            raise TrackingError(f"{error}\nkept in {directory}; `resume` sends it") from error
        (directory / FILE).unlink()
    shutil.rmtree(directory)
    return run
