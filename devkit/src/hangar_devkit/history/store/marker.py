"""The marker of a session: a file that names the test that runs now, while the session lives.

A session removes its marker when it ends. One whose process does not exist any more is what a
session left that died: of a crash, of a signal, or for lack of memory.
"""

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from hangar_devkit.history.records import Run
from hangar_devkit.history.system import SYSTEM

if TYPE_CHECKING:
    import pytest

MARKER: Final = ".running"
_POSITION: Final = 1_234_567_891_011
_SILENT_SECONDS: Final = 86_400.0
"""For so long a session of another container may run one test; whether it lives cannot be seen."""


class Marker:
    """The marker of this session.

    It is written for each test, through one open file. A test may close any file, and the number of
    a closed file is given to the next one that is opened, so each write makes sure first that the
    number still means the marker: no other file has its position, far beyond the end.

    One write for each test is enough: when a test has ended, the next one in the order begins.
    Where another test ends than the one that should run, the order is unknown and none is named.

    Args:
        path: Path of the file.
        run: The session, as it began.
        tests: The tests in their order.

    Raises:
        OSError: It cannot be written.
    """

    def __init__(self, path: str, run: Run, tests: "Iterable[pytest.Item]") -> None:
        if SYSTEM.pwrite is None:
            raise OSError("this system has no positioned writes")
        self._path = path
        self._knows_environment = False
        self._pwrite = SYSTEM.pwrite
        header = f"{json.dumps((*_this_process(), run))}\n".encode(errors="xmlcharrefreplace")
        SYSTEM.append(path, header + b"\n")
        self._start = len(header)
        self._file = SYSTEM.open_to_write(path)
        self._seek = SYSTEM.seek
        self._seek(self._file, _POSITION, 0)
        self._tests = iter(tests)
        self._running = next(self._tests, None)
        self._write(self._running.nodeid if self._running else "")

    def advance(self, location: object) -> None:
        """Write which test runs now that another one, of this location, has ended."""
        if self._running is not None and self._running.location == location:
            self._running = next(self._tests, None)
            self._write(self._running.nodeid if self._running else "")
        elif self._running is not None:
            self._running = None
            self._write("")

    def _write(self, nodeid: str) -> None:
        if "[" in nodeid:
            nodeid = self._masked(nodeid)
        content = f"{nodeid}\n".encode(errors="xmlcharrefreplace")
        try:
            if self._file >= 0 and self._seek(self._file, 0, 1) == _POSITION:
                self._pwrite(self._file, content, self._start)
        except OSError:
            self._file = -1

    def _masked(self, nodeid: str) -> str:
        from hangar_devkit.history.masks import learn_environment, mask_nodeid

        if not self._knows_environment:
            self._knows_environment = True
            learn_environment(os.environ)
        return mask_nodeid(nodeid)

    def remove(self) -> None:
        """Remove the file: the session ends as it should.

        Raises:
            OSError: It cannot be removed.
        """
        with contextlib.suppress(OSError):  # a test closed it
            if self._file >= 0 and self._seek(self._file, 0, 1) == _POSITION:
                SYSTEM.close(self._file)
        self._file = -1
        with contextlib.suppress(FileNotFoundError):
            SYSTEM.unlink(self._path)


class Dead(NamedTuple):
    """What a session left that died.

    Attributes:
        run: The session, as it began.
        nodeid: The test that ran, "" when none did.
    """

    run: Run
    nodeid: str


def read_dead(path: Path) -> Dead | None:
    """Return what a marker says; None without one, or when its session may still be alive."""
    try:
        header, nodeid, *_ = SYSTEM.read_start(str(path)).split("\n")
        host, number, started, run = json.loads(header)
        if is_alive(host, int(number), started, SYSTEM.stat(str(path)).st_mtime):
            return None
        return Dead(Run(*run), nodeid)
    except (OSError, ValueError, TypeError):
        return None


def has_died(path: Path) -> bool:
    """Return whether a marker belongs to a session that died."""
    return read_dead(path) is not None


def _this_process() -> tuple[str, int, str]:
    number = SYSTEM.getpid()
    return _host(), number, _started(number)


def is_alive(host: str, number: int, started: str, wrote: float) -> bool:
    """Return whether a session may still run.

    Args:
        host: Where it runs.
        number: Its process.
        started: When that process began.
        wrote: When it last began a test, in seconds since the epoch.
    """
    if host != _host() or not started:
        return SYSTEM.now() - wrote < _SILENT_SECONDS
    return _started(number) == started


def _host() -> str:
    """Return what process numbers are valid for: a machine, or a container on it."""
    if SYSTEM.uname is None or SYSTEM.readlink is None:
        return ""
    try:
        return f"{SYSTEM.uname().nodename} {SYSTEM.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _started(number: int) -> str:
    """Return when a process began, in ticks since the machine did; "" when there is none."""
    try:
        text = SYSTEM.read_start(f"/proc/{number}/stat")
    except OSError:
        return ""
    state, *fields = text.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]
