"""Locks and addresses of a store in a SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PREFIX = "sqlite:///"
TIMEOUT = 600  # seconds to wait for other processes


def absolute_uri(uri: str, project: Path) -> str:
    """Return the URI with an absolute path if it is SQLite; return other URIs unchanged."""
    if not uri.startswith(PREFIX):
        return uri
    return PREFIX + (project / uri.removeprefix(PREFIX)).absolute().as_posix()


@contextmanager
def exclusive_access(uri: str) -> Iterator[None]:
    """Lock a SQLite store against other processes; do nothing for other stores.

    Migrations of MLflow race in a new store, and its writes fail on a busy one.
    """
    if not uri.startswith(PREFIX):
        yield
        return
    file = Path(uri.removeprefix(PREFIX))
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(lock_file(file.with_name(f"{file.name}.lock"), TIMEOUT)):
        yield


def lock_file(file: Path, timeout: float) -> sqlite3.Connection:
    """Lock a file until the connection is closed or the process ends.

    Args:
        file: The file; created if it is missing.
        timeout: Seconds to wait for another process.

    Raises:
        sqlite3.OperationalError: Another process holds the lock.
    """
    # A lock of SQLite works on every platform and is released when the process ends.
    connection = sqlite3.connect(file, timeout=timeout, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        connection.close()
        raise
    return connection
