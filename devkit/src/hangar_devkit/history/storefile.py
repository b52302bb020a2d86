"""The store's file: opened, brought to the schema, and moved aside when it is damaged."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from hangar_devkit.history.journal import prepare_directory, waiting
from hangar_devkit.history.schema import SCHEMA, STEPS, VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

_NETWORK_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "lustre",
    "glusterfs", "fuse.glusterfs", "gpfs", "virtiofs", "vboxsf", "davfs",
})  # fmt: skip
_BUSY_SECONDS = 5.0


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


class StoreFile:
    """An open file, whatever is in it.

    Args:
        path: The SQLite file; its directory is made, with a `.gitignore` of its own.
        create: Whether a missing file is made.

    Raises:
        StoreError: When the file cannot be opened, or a newer version wrote it.

    Attributes:
        notice: What to tell the user: where a damaged file is now; "" when the file was sound.
    """

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self.path = path
        self.notice = ""
        if not create and not path.is_file() and not waiting(path):
            message = f"no test history at {path}: run the tests once with the history plugin"
            raise StoreError(message)
        try:
            prepare_directory(path)
            try:
                self._open()
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
                self._move_aside()
                self._open()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"cannot open the test history {path}: {error}") from error

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def _open(self) -> None:
        self._forget()
        self.connection = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            mode = "DELETE" if on_network(self.path) else "WAL"
            try:
                self._prepare(mode)
            except sqlite3.OperationalError as error:
                if mode == "DELETE" or "locking protocol" not in str(error):
                    raise
                self._prepare("DELETE")
            self._take_in()
        except BaseException:
            self.connection.close()
            raise

    def _prepare(self, mode: str) -> None:
        self.connection.execute(f"PRAGMA journal_mode={mode}")
        self.connection.execute("PRAGMA synchronous=NORMAL")
        self._migrate()

    def _take_in(self) -> None:
        """Take in what sessions recorded; the class that knows the records does."""

    def _migrate(self) -> None:
        connection = self.connection
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            message = (
                f"the test history {self.path} was written by a newer version: "
                "update the tools, or move the file away"
            )
            raise StoreError(message)
        if version < VERSION:
            connection.execute("BEGIN IMMEDIATE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            steps = [step for old in range(version, VERSION) for step in STEPS.get(old, ())]
            for statement in steps if version else SCHEMA.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")
            connection.execute("COMMIT")

    def _move_aside(self) -> None:
        """Move a damaged file, with its journals, out of the way."""
        target = self.path.with_name(f"{self.path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        for suffix in ("", "-wal", "-shm", "-journal"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").rename(f"{target}{suffix}")
        self.notice = f"the store was damaged and is now {target.name}; a new one was begun"

    def _forget(self) -> None:
        """Drop what was read from the file before: it was replaced, or a write was taken back."""

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run statements that take effect together or not at all."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            self._forget()
            raise
        connection.execute("COMMIT")


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether an error means that the file itself is damaged."""
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def on_network(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Tell whether a path lies on a network file system, where WAL does not work."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    place = str(path.absolute())
    best, kind = "", ""
    for line in lines:
        fields = line.split(" ")
        if len(fields) > 2:
            point = fields[1].replace("\\040", " ").rstrip("/")
            if (place == point or place.startswith(f"{point}/")) and len(point) >= len(best):
                best, kind = point, fields[2]
    return kind in _NETWORK_TYPES
