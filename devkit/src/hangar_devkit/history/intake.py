"""Reads what sessions recorded, for the store to take in."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any, Final

from hangar_devkit.history.journal import FORMAT
from hangar_devkit.history.records import PASSED, Run
from hangar_devkit.history.results import Failure, Frame, Result

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from hangar_devkit.history.results import Row

_STALE_SECONDS: Final = 86_400.0


def read(file: Path) -> tuple[Run, list[Row | Result], bool] | None:
    """Read the file of a session, without lines that are cut off or of a newer format.

    Returns:
        The run as long as it took until the last batch, its results so far, and whether nothing
        more is to come; or None when there is nothing to read.
    """
    try:
        over = time.time() - file.stat().st_mtime > _STALE_SECONDS
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:  # another process was faster
        return None
    run = None
    results: list[Row | Result] = []
    count = _Count()
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):
            version, last, about, rows = json.loads(line)
            if version == FORMAT:
                results += [result for row in rows for result in count.results(row)]
                run, over = Run(*about), over or last
    return (run, results, over) if run else None


class _Count:
    """Counts the attempts at each test and the places of each worker's tests."""

    def __init__(self) -> None:
        self._attempts: dict[str, int] = {}
        self._positions: dict[str, int] = {}

    def results(self, row: Sequence[Any]) -> Iterator[Row | Result]:
        """Return the results that a row of the file stands for."""
        if len(row) == len(Result._fields):
            result = Result(*row)
            failures = tuple(_failure(each) for each in result.failures)
            attempt, position = self._next(result.nodeid, result.worker)
            yield result._replace(attempt=attempt, position=position, failures=failures)
            return
        path, key, worker, passed = row
        for name, spent in zip(passed[::2], passed[1::2], strict=True):
            nodeid = f"{path}::{name}" if name else path
            attempt, position = self._next(nodeid, worker)
            yield nodeid, attempt, PASSED, int(spent), key, position, worker, False

    def _next(self, nodeid: str, worker: str) -> tuple[int, int]:
        attempt = self._attempts[nodeid] = self._attempts.get(nodeid, -1) + 1
        position = self._positions[worker] = self._positions.get(worker, -1) + 1
        return attempt, position


def _failure(fields: Sequence[Any]) -> Failure:
    phase, exception, message, frames, trace = fields
    return Failure(phase, exception, message, tuple(Frame(*frame) for frame in frames), trace)
