"""Reads journals, for the store to ingest."""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hangar_devkit.history.records import PASSED, Run
from hangar_devkit.history.results import Failure, Result, Row
from hangar_devkit.history.store.journal import FORMAT

_STALE_SECONDS: Final = 86_400.0


class Session(NamedTuple):
    """What a journal holds.

    Attributes:
        run: The run, with its duration until the last batch.
        results: Its results so far.
        over: Whether nothing more will be appended.
    """

    run: Run
    results: list[Row | Result]
    over: bool


def read(file: Path) -> Session | None:
    """Read a journal, without lines that are truncated or have a newer format.

    Returns:
        The session, or None when there is nothing to read.
    """
    try:
        over = time.time() - file.stat().st_mtime > _STALE_SECONDS
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:  # another process ingested it
        return None
    run = None
    results: list[Row | Result] = []
    numbering = _Numbering()
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):
            version, last, header, rows = json.loads(line)
            if version == FORMAT:
                results += [result for row in rows for result in numbering.results(row)]
                run, over = Run(*header), over or last
    return Session(run, results, over) if run else None


class _Numbering:
    """Numbers the attempts at each test, and the positions of each worker's tests."""

    def __init__(self) -> None:
        self._attempts: dict[str, int] = {}
        self._positions: dict[str, int] = {}

    def results(self, row: Sequence[Any]) -> Iterator[Row | Result]:
        """Return the results in a row of a journal."""
        if len(row) == len(Result._fields):
            result = Result(*row)
            failures = tuple(Failure.parse(values) for values in result.failures)
            attempt, position = self._next(result.nodeid, result.worker)
            yield result._replace(attempt=attempt, position=position, failures=failures)
            return
        path, key, worker, passed = row
        for name, milliseconds in zip(passed[::2], passed[1::2], strict=True):
            nodeid = f"{path}::{name}" if name else path
            attempt, position = self._next(nodeid, worker)
            yield nodeid, attempt, PASSED, int(milliseconds), key, position, worker, False

    def _next(self, nodeid: str, worker: str) -> tuple[int, int]:
        attempt = self._attempts[nodeid] = self._attempts.get(nodeid, -1) + 1
        position = self._positions[worker] = self._positions.get(worker, -1) + 1
        return attempt, position
