"""Runs on their way: a run's directory is there until the tracker has it."""

import shutil
from pathlib import Path

from .port import Tracker, TrackingError
from .record import FILE, Record


def waiting(outbox: Path) -> list[Path]:
    """List the directories of runs that are over and were not delivered, the oldest first."""
    return sorted(file.parent for file in outbox.glob(f"*/{FILE}"))


def send(directory: Path, tracker: Tracker) -> str:
    """Deliver a run, then remove its directory; return the run's id.

    Raises:
        TrackingError: The tracker did not take it; the directory stays, and the message says where.
    """
    try:
        run = tracker.deliver(Record.read(directory), directory)
    except TrackingError as error:
        raise TrackingError(f"{error}\nkept in {directory}; `resume` sends it") from error
    shutil.rmtree(directory)
    return run
