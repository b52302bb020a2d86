"""Reads what sessions recorded, for the store to take in."""

from __future__ import annotations

import contextlib
import json
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from devkit.history.journal import FORMAT
from devkit.history.records import PASSED, Run
from devkit.history.results import Failure, Frame, Result

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_STALE_SECONDS: Final = 86_400.0


def read(file: Path) -> tuple[Run, list[Result], bool] | None:
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
    results: list[Result] = []
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):
            version, last, about, rows = json.loads(line)
            if version == FORMAT:
                results += [result for row in rows for result in _results(row)]
                run, over = Run(*about), over or last
    return (run, _in_order(results), over) if run else None


def _results(row: Sequence[Any]) -> list[Result]:
    if len(row) == len(Result._fields):
        result = Result(*row)
        return [result._replace(failures=tuple(_failure(each) for each in result.failures))]
    path, key, worker, passed = row
    return [
        Result(f"{path}::{name}" if name else path, 0, PASSED, int(spent), key, worker=worker)
        for name, spent in zip(passed[::2], passed[1::2], strict=True)
    ]


def _failure(fields: Sequence[Any]) -> Failure:
    phase, exception, message, frames, trace = fields
    return Failure(phase, exception, message, tuple(Frame(*frame) for frame in frames), trace)


def _in_order(results: Sequence[Result]) -> list[Result]:
    """Count the attempts at each test and the places of each worker's tests."""
    attempts: Counter[str] = Counter()
    positions: Counter[str] = Counter()
    counted: list[Result] = []
    for result in results:
        nodeid, worker = result.nodeid, result.worker
        counted.append(result._replace(attempt=attempts[nodeid], position=positions[worker]))
        attempts[nodeid] += 1
        positions[worker] += 1
    return counted
