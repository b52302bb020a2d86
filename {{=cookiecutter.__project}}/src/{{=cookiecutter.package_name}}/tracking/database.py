"""The store in the project's directory: one SQLite file, migrated by one process at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PREFIX = "sqlite:///"
PATIENCE = 600  # seconds to wait for the others


def located(uri: str, project: Path) -> str:
    """Make the path of a SQLite address absolute; other addresses stay."""
    if not uri.startswith(PREFIX):
        return uri
    return PREFIX + (project / uri.removeprefix(PREFIX)).absolute().as_posix()


@contextmanager
def alone(uri: str) -> Iterator[None]:
    """Be the only process at a SQLite store; for other stores, do nothing.

    MLflow's migrations race in a new store, and its writes give up on a busy one.
    """
    if not uri.startswith(PREFIX):
        yield
        return
    file = Path(uri.removeprefix(PREFIX))
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(locked(file.with_name(f"{file.name}.lock"), PATIENCE)):
        yield


def locked(file: Path, patience: float) -> sqlite3.Connection:
    """Lock a file, until the connection is closed or the process ends.

    Args:
        file: Made if it is missing.
        patience: Seconds to wait for another process.

    Raises:
        sqlite3.OperationalError: Another process has it locked.
    """
    # SQLite's own lock, as it works on every platform and ends with the process.
    connection = sqlite3.connect(file, timeout=patience, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        raise
    return connection
