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
    # SQLite's own lock, as it works on every platform and ends with the process.
    with closing(sqlite3.connect(f"{file}.lock", timeout=PATIENCE, isolation_level=None)) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        yield
