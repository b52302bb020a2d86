"""The SQLite file of a store: opened, migrated, copied for readers, moved aside when damaged."""

import contextlib
import os
import sqlite3
from pathlib import Path
from sqlite3 import dbapi2  # a test that replaces `sqlite3.connect` does not replace this one

from hangar_devkit.history.store.journal import prepare_directory
from hangar_devkit.history.store.schema import SCHEMA, STEPS, VERSION
from hangar_devkit.history.system import SYSTEM
from hangar_devkit.mounts import mounted_type

_NETWORK_TYPES = frozenset({
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "fuse.sshfs", "lustre",
    "glusterfs", "fuse.glusterfs", "gpfs", "virtiofs", "vboxsf", "davfs",
})  # fmt: skip
_BUSY_SECONDS = 5.0


class StoreError(Exception):
    """The store cannot be used; the message says why and what to do."""


def connect(path: Path) -> sqlite3.Connection:
    """Open a file for writing; create it, and its directory, where it is missing.

    Raises:
        StoreError: A newer version wrote the file.
        OSError: The directory cannot be created.
        sqlite3.Error: The file cannot be opened.
    """
    prepare_directory(path)
    connection = dbapi2.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
    mode = "DELETE" if on_network(path) else "WAL"
    try:
        try:
            _prepare(connection, path, mode)
        except sqlite3.OperationalError as error:
            if mode == "DELETE" or "locking protocol" not in str(error):
                raise
            _prepare(connection, path, "DELETE")
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, mode: str) -> None:
    connection.execute(f"PRAGMA journal_mode={mode}")
    connection.execute("PRAGMA synchronous=NORMAL")
    _migrate(connection, path)


def copy_of(path: Path) -> sqlite3.Connection:
    """Return a copy of a file in memory, migrated; the file itself is only read.

    Without a file the copy is empty.

    Raises:
        StoreError: A newer version wrote the file.
        sqlite3.Error: The file cannot be read.
    """
    copy = dbapi2.connect(":memory:", isolation_level=None)
    try:
        if path.is_file():
            _copy(path, copy)
        _migrate(copy, path)
    except BaseException:
        copy.close()
        raise
    return copy


def _copy(path: Path, target: sqlite3.Connection) -> None:
    address = path.absolute().as_uri()
    # On a file system that is really read-only, SQLite cannot create the file that it locks.
    for options in ("mode=ro", "immutable=1"):
        source = dbapi2.connect(f"{address}?{options}", timeout=_BUSY_SECONDS, uri=True)
        with contextlib.closing(source):
            try:
                source.backup(target)
            except sqlite3.OperationalError:
                if options == "immutable=1" or os.access(path.parent, os.W_OK):
                    raise
            else:
                return


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        message = (
            f"the test history {path} was written by a newer version: "
            "update hangar-devkit, or move the file away"
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


def move_aside(path: Path) -> str:
    """Rename a damaged file, with its SQLite journals; return a message for the user."""
    now = SYSTEM.strftime("%Y%m%d-%H%M%S", SYSTEM.localtime(SYSTEM.now()))
    target = path.with_name(f"{path.name}.damaged-{now}")
    for suffix in ("", "-wal", "-shm", "-journal"):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{target}{suffix}")
    return f"the store was damaged and is now {target.name}; a new one was created"


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error means that the file itself is damaged."""
    return error.sqlite_errorcode & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def on_network(path: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> bool:
    """Return whether a path is on a network file system, where WAL does not work."""
    try:
        text = mountinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return mounted_type(str(path.absolute()), text) in _NETWORK_TYPES
