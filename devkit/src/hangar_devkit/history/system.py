"""The clock and the file functions of the system, as they were before any test replaced them.

Users' tests freeze clocks and patch `open`, `os` and `sqlite3`, and some never undo it. What the
recorder needs is bound here when the plugin is loaded, before any conftest.py. It is held by an
object, because freezegun and pyfakefs replace what they find among the names of modules.
"""

import os
import time


class _System:
    """Functions of the system, and a clock that no test can freeze."""

    def __init__(self) -> None:
        # time-machine replaces what the functions of `time` do, but not this one.
        self.counter = time.perf_counter
        self._offset = time.time() - time.perf_counter()
        self.localtime = time.localtime
        self.strftime = time.strftime
        self._for_appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._for_reading = os.O_RDONLY | getattr(os, "O_BINARY", 0)
        self._for_writing = os.O_WRONLY
        self._dirname = os.path.dirname
        self._open = os.open
        self.close = os.close
        self.read = os.read
        self.write = os.write
        self.pwrite = getattr(os, "pwrite", None)
        self.fstat = os.fstat
        self.seek = os.lseek
        self.stat = os.stat
        self.truncate = os.ftruncate
        self.unlink = os.unlink
        self.mkdir = os.mkdir
        self.scandir = os.scandir
        self.readlink = getattr(os, "readlink", None)
        self.uname = getattr(os, "uname", None)
        self.getpid = os.getpid
        self.urandom = os.urandom

    def now(self) -> float:
        """Return the time of the real clock, in seconds since the epoch, whatever a test froze."""
        return self._offset + self.counter()

    def exists(self, path: str) -> bool:
        """Return whether there is something at a path that can be read."""
        try:
            self.stat(path)
        except (OSError, ValueError):
            return False
        return True

    def make_directory(self, path: str) -> None:
        """Create a directory and its parents, where they are missing.

        Raises:
            OSError: It cannot be created.
        """
        try:
            self.mkdir(path)
        except FileExistsError:
            return
        except FileNotFoundError:
            parent = self._dirname(path)
            if parent in {"", path}:
                raise
            self.make_directory(parent)
            try:
                self.mkdir(path)
            except FileExistsError:
                return

    def read_start(self, path: str, size: int = 100_000) -> str:
        """Return the beginning of a file.

        Raises:
            OSError: It cannot be read.
        """
        file = self._open(path, self._for_reading)
        try:
            return self.read(file, size).decode(errors="replace")
        finally:
            self.close(file)

    def open_to_write(self, path: str) -> int:
        """Open a file that exists, and return its descriptor.

        Raises:
            OSError: It cannot be opened.
        """
        return self._open(path, self._for_writing)

    def append(self, path: str, content: bytes) -> None:
        """Append to a file, or leave it as it was.

        Raises:
            OSError: It cannot be written.
        """
        file = self._open(path, self._for_appending, 0o666)
        try:
            before = self.fstat(file).st_size
            try:
                while content:
                    content = content[self.write(file, content) :]
            except OSError:
                self.truncate(file, before)
                if not before:
                    self.unlink(path)
                raise
        finally:
            self.close(file)


SYSTEM = _System()
