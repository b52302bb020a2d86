"""Locks and addresses of a store in a SQLite file."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import unquote

PREFIX = "sqlite:///"
TIMEOUT = 600  # seconds to wait for other processes
# Tables and columns of MLflow that contain the address of a file.
ADDRESSES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def absolute_uri(uri: str, project: Path) -> str:
    """Return the URI with an absolute path if it is SQLite; return other URIs unchanged."""
    if not uri.startswith(PREFIX):
        return uri
    return PREFIX + (project / uri.removeprefix(PREFIX)).absolute().as_posix()


def without_password(uri: str) -> str:
    """Return the URI without credentials."""
    scheme, _, rest = uri.partition("://")
    return uri if uri.startswith(PREFIX) else f"{scheme}://{rest.rpartition('@')[2]}"


def make_relative(store: Path, artifacts: str) -> None:
    """Make the addresses of files in a store of MLflow relative to the project.

    MLflow stores absolute addresses, which are wrong once the project is moved, or mounted elsewhere
    in a container. The working directory must be the project.

    Args:
        store: The SQLite file of MLflow.
        artifacts: Directory of the files, relative to the project.
    """
    if not store.exists() or Path(artifacts).is_absolute():
        return
    place = Path(artifacts).as_posix()
    # The directory of the experiment, of one of its runs, or of a file of that run.
    inside = rf"{re.escape(place)}(?:/[0-9a-f]{{32}}/artifacts.*)?"
    pattern = re.compile(rf"(?:file://)?/?((?:/|[A-Za-z]:/).*/)({inside})")
    with closing(sqlite3.connect(store, timeout=TIMEOUT)) as connection, connection:
        existing = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        for table, column in ADDRESSES:
            if table not in existing:
                continue
            every = f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL"  # noqa: S608
            for (address,) in connection.execute(every).fetchall():
                plain = unquote(address) if address.startswith("file:") else address
                match = pattern.fullmatch(plain.replace("\\", "/"))
                if match and (Path(match[2]).exists() or not Path(match[1] + match[2]).exists()):
                    change = f"UPDATE {table} SET {column} = ? WHERE {column} = ?"  # noqa: S608
                    connection.execute(change, (match[2], address))


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
