"""Reads journals, for the store to ingest."""

import contextlib
import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hangar_devkit.history.records import ERROR, GROUP, PASSED, Run
from hangar_devkit.history.results import Failure, Result, Row
from hangar_devkit.history.store.journal import FORMAT
from hangar_devkit.history.store.marker import MARKER, Dead, read_dead
from hangar_devkit.history.system import SYSTEM

_STALE_SECONDS: Final = 86_400.0


class Session(NamedTuple):
    """What a journal holds.

    Attributes:
        run: The run, with its duration until the last batch.
        results: Its results so far.
        over: Whether nothing more will be appended.
        dead: What the session left behind, if it died.
    """

    run: Run
    results: list[Row | Result]
    over: bool
    dead: Dead | None = None


def read(file: Path) -> Session | None:
    """Read a journal, without lines that are truncated or have a newer format.

    Returns:
        The session, or None when there is nothing to read.
    """
    dead = read_dead(file.with_suffix(MARKER))
    try:
        stale = SYSTEM.now() - SYSTEM.stat(str(file)).st_mtime > _STALE_SECONDS
        over = dead is not None or (stale and not SYSTEM.exists(str(file.with_suffix(MARKER))))
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
    except FileNotFoundError:  # another process ingested it, or it was never written
        if dead is None:
            return None
        over, lines = True, []
    run = dead.run if dead else None
    results: list[Row | Result] = []
    numbering = _Numbering()
    for line in lines:
        with contextlib.suppress(ValueError, TypeError):
            version, last, header, rows = json.loads(line)
            if version == FORMAT:
                results += [result for row in rows for result in numbering.results(row)]
                run, over = Run(*header), over or last
    if dead and dead.nodeid:
        results += numbering.results(_interrupted(dead.nodeid))
    if numbering.doubled:  # which of the items an outcome belongs to is not known
        results = [_without_key(each, numbering.doubled) for each in results]
    return Session(run, results, over, dead) if run else None


def _interrupted(nodeid: str) -> Result:
    """Return the result of the test during which a session died.

    It has no content key: what ended the session may have come from outside.
    """
    message = "the test session died while this test ran"
    failure = Failure("crash", "SessionDied", message)
    return Result(nodeid, 0, ERROR, 0, failures=(failure,))


def _without_key(result: Row | Result, doubled: Collection[str]) -> Row | Result:
    if result[0] not in doubled:
        return result
    if isinstance(result, Result):
        return result._replace(content="")
    nodeid, attempt, outcome, milliseconds, _, position, worker, subtest = result
    return nodeid, attempt, outcome, milliseconds, "", position, worker, subtest


class _Numbering:
    """Numbers the attempts at each test, and the positions of each worker's tests.

    A second result of one node id is a second attempt only if a rerun plugin made it. Otherwise it
    is another item with the same node id, such as a doctest beside a function.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[str, int, str, bool]] = {}  # name, attempt, worker, rerun
        self._items: dict[str, int] = {}
        self._positions: dict[str, int] = {}
        self.doubled: set[str] = set()

    def results(self, row: Sequence[Any]) -> Iterator[Row | Result]:
        """Return the results in a row of a journal."""
        if len(row) > GROUP:
            result = Result(*row)
            failures = tuple(Failure.parse(values) for values in result.failures)
            name, attempt, position = self._next(result.nodeid, result.worker, result.rerun)
            yield result._replace(
                nodeid=name, attempt=attempt, position=position, failures=failures
            )
            return
        path, key, worker, passed = row
        for rest, milliseconds in zip(passed[::2], passed[1::2], strict=True):
            nodeid = f"{path}::{rest}" if rest else path
            name, attempt, position = self._next(nodeid, worker, rerun=False)
            yield name, attempt, PASSED, int(milliseconds), key, position, worker, False

    def _next(self, nodeid: str, worker: str, rerun: bool) -> tuple[str, int, int]:
        name, attempt = nodeid, 0
        last = self._last.get(nodeid)
        if last is not None:
            name, attempt, before, repeated = last
            # Tests whose parameters are masked may share an id; a rerun has the worker of its try.
            if repeated and (worker == before or "***" not in nodeid):
                attempt += 1
            else:
                number = self._items[nodeid] = self._items.get(nodeid, 1) + 1
                name = f"{nodeid} @{worker}" if worker != before else f"{nodeid} #{number}"
                attempt = 0
                self.doubled.update((nodeid, name))
        self._last[nodeid] = name, attempt, worker, rerun
        position = self._positions[worker] = self._positions.get(worker, -1) + 1
        return name, attempt, position
