"""What the machine lends: ports, locks, directories."""

import fcntl
import glob
import os
import socket
import tempfile
import uuid
from pathlib import Path

PORT, PEER = 47311, 47312
LOCK = Path(tempfile.gettempdir()) / "hangar-flaky-suite.lock"


def listen() -> socket.socket:
    """Serve on the shop's own port."""
    server = socket.socket()
    server.bind(("127.0.0.1", PORT))
    return server


def ask() -> socket.socket:
    """Reach the warehouse."""
    return socket.create_connection(("127.0.0.1", PEER), timeout=1)


def lock() -> int:
    """Take the lock of the till."""
    handle = os.open(LOCK, os.O_CREAT | os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return handle


def free() -> int:
    """Return how many files may still be opened."""
    handles: list[int] = []
    try:
        while len(handles) < 60:
            handles.append(os.dup(0))
    finally:
        for handle in handles:
            os.close(handle)
    return len(handles)


def receipts(folder: Path, count: int = 2) -> list[str]:
    """Write receipts and return their names, in order."""
    names = sorted(f"{uuid.uuid4().hex}.txt" for _ in range(count))
    for name in names:
        (folder / name).touch()
    return names


def by_listing(folder: Path) -> list[str]:
    """Return the names in a folder."""
    return os.listdir(folder)


def by_pattern(folder: Path) -> list[str]:
    """Return the names of receipts."""
    return [Path(path).name for path in glob.glob(f"{folder}/*.txt")]


def by_scan(folder: Path) -> str:
    """Return the first name in a folder."""
    with os.scandir(folder) as entries:
        return next(entries).name


def by_walk(folder: Path) -> list[Path]:
    """Return the files of a folder."""
    return list(folder.iterdir())
