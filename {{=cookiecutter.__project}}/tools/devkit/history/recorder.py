"""Turns pytest's reports into results and writes them to the store, in small batches."""

from __future__ import annotations

import ast
import sqlite3
import time
from typing import TYPE_CHECKING

from devkit.history.content import ContentKeys
from devkit.history.environment import GitQuery, describe_run
from devkit.history.records import (
    ERROR,
    FAILED,
    PASSED,
    SKIPPED,
    XFAILED,
    XPASSED,
    Failure,
    Result,
    Run,
)
from devkit.history.store import Store, is_damage

if TYPE_CHECKING:
    from pathlib import Path

    from devkit.history.reports import Report

BATCH_RESULTS = 100
BATCH_SECONDS = 1.0
QUARANTINED = "quarantined: "
"""How the reason of an expected failure begins when the quarantine expects it."""

_MAX_TRACE = 12_000


class _Attempt:
    """What is known of an attempt that is still under way."""

    __slots__ = ("failures", "milliseconds", "outcome", "quarantined", "subtests")

    def __init__(self) -> None:
        self.outcome = PASSED
        self.milliseconds = 0
        self.quarantined = False
        self.failures: list[Failure] = []
        self.subtests: dict[str, int] = {}


class Recorder:
    """Records one session.

    Args:
        root: The project's root.
        path: The store's file.
    """

    def __init__(self, root: Path, path: Path) -> None:
        self._path = path
        self._started = time.time()
        self._last_flush = self._started
        self._git = GitQuery(root)
        self._keys = ContentKeys(root, self._started)
        self._open: dict[str, _Attempt] = {}
        self._calls: dict[str, float] = {}
        self._tries: dict[str, int] = {}
        self._positions: dict[str, int] = {}
        self._pending: list[Result] = []
        self._written: list[Result] = []
        self._store: Store | None = None
        self._run: Run | None = None
        self._number = 0
        self.notes: list[str] = []

    def add_collect_error(self, report: Report) -> None:
        """Take the report of a file that could not be collected."""
        attempt = _Attempt()
        attempt.outcome = ERROR
        attempt.failures.append(_failure(report, "collect"))
        self._finish(report.nodeid, 0, "", attempt)

    def add(self, report: Report) -> None:
        """Take a test's report of one phase."""
        when = report.when
        nodeid = report.nodeid
        if report.outcome == "passed" and nodeid not in self._open:  # as nearly always
            if when == "setup":
                return
            if when == "call" and not ("wasxfail" in report.__dict__ or hasattr(report, "context")):
                self._calls[nodeid] = report.duration
                return
            if when == "teardown":
                milliseconds = round(1000 * self._calls.pop(nodeid, 0.0))
                self._finish(nodeid, milliseconds, getattr(report, "worker_id", ""))
                self._flush_when_due(report)
                return
        if hasattr(report, "context"):
            self._add_subtest(report)
            return
        self._add_other(report, when, nodeid)

    def _add_other(self, report: Report, when: str, nodeid: str) -> None:
        """Take a report of an attempt that is not simply passing."""
        attempt = self._open.get(nodeid)
        if attempt is None:
            attempt = self._open[nodeid] = _Attempt()
            attempt.milliseconds = round(1000 * self._calls.pop(nodeid, 0.0))
        if when == "call":
            attempt.milliseconds = round(report.duration * 1000)
        if report.outcome != "passed" or hasattr(report, "wasxfail"):
            _judge(report, attempt)
        if when in {"setup", "call"}:
            return
        del self._open[nodeid]
        self._finish(nodeid, attempt.milliseconds, getattr(report, "worker_id", ""), attempt)
        self._flush_when_due(report)

    def _flush_when_due(self, report: Report) -> None:
        if len(self._pending) >= BATCH_RESULTS or report.stop - self._last_flush > BATCH_SECONDS:
            self.flush()

    def _add_subtest(self, report: Report) -> None:
        parent = self._open.setdefault(report.nodeid, _Attempt())
        name = subtest_id(report)
        seen = parent.subtests[name] = parent.subtests.get(name, 0) + 1
        attempt = _Attempt()
        _judge(report, attempt)
        self._finish(
            name if seen == 1 else f"{name} #{seen}",
            round(report.duration * 1000),
            getattr(report, "worker_id", ""),
            attempt,
            subtest=True,
        )

    def _finish(
        self,
        nodeid: str,
        milliseconds: int,
        worker: str,
        attempt: _Attempt | None = None,
        *,
        subtest: bool = False,
    ) -> None:
        """Note the end of an attempt; without `attempt` it simply passed."""
        number = self._tries.get(nodeid, 0)
        self._tries[nodeid] = number + 1
        position = self._positions.get(worker, 0)
        self._positions[worker] = position + 1
        key = self._keys.of(nodeid.partition("::")[0])
        if attempt is None:
            result = Result(nodeid, number, PASSED, milliseconds, key, position, worker)
        else:
            result = Result(
                nodeid,
                number,
                attempt.outcome,
                milliseconds,
                key,
                position,
                worker,
                subtest,
                attempt.quarantined,
                tuple(attempt.failures),
            )
        self._pending.append(result)

    def flush(self) -> None:
        """Write what is pending; on a locked store it stays pending for the next time."""
        self._last_flush = time.time()
        if not self._pending:
            return
        try:
            self._write(self._pending)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return
        except sqlite3.DatabaseError as error:
            if self._store is None or not is_damage(error):
                raise
            self._store.restart()
            self._note_damage(self._store)
            self._write([*self._written, *self._pending])
        self._written += self._pending
        self._pending = []

    def _write(self, results: list[Result]) -> None:
        if self._store is None:
            self._store = Store(self._path)
            self._note_damage(self._store)
        if self._run is None:
            self._run = describe_run(self._started, self._git.answer())
        with self._store.transaction():
            self._number = self._store.begin_run(self._run)
            self._store.add_results(self._number, results)

    def _note_damage(self, store: Store) -> None:
        if store.moved is not None:
            self.notes.append(
                f"the store was damaged and is now {store.moved.name}; a new one was begun"
            )

    def finish(self) -> Store | None:
        """Write the rest and the totals.

        Returns:
            The open store, or None when nothing was run.

        Raises:
            sqlite3.Error: When the rest could not be written.
        """
        for nodeid, attempt in list(self._open.items()):  # a worker died between two phases
            if attempt.failures:
                self._finish(nodeid, attempt.milliseconds, "", attempt)
        self.flush()
        if self._pending:
            raise sqlite3.OperationalError("the store stayed locked by another session")
        if self._store is None:
            return None
        self._store.finish_run(self._number, time.time() - self._started)
        return self._store


def _judge(report: Report, attempt: _Attempt) -> None:
    """Add what a report says to the attempt it belongs to."""
    expected = getattr(report, "wasxfail", None)
    if isinstance(expected, str) and expected.removeprefix("reason: ").startswith(QUARANTINED):
        attempt.quarantined = True
        broken = report.outcome == "skipped"
    elif expected is not None and report.outcome != "failed":
        if attempt.outcome == PASSED:
            attempt.outcome = XFAILED if report.outcome == "skipped" else XPASSED
        return
    else:
        broken = report.outcome in {"failed", "rerun"}
        if report.outcome == "skipped" and attempt.outcome == PASSED:
            attempt.outcome = SKIPPED
    if broken:
        known = report.when in {"setup", "call", "teardown"}
        if attempt.outcome != FAILED:
            attempt.outcome = FAILED if report.when == "call" else ERROR
        if hasattr(report, "context") or not _only_subtests_failed(report):
            attempt.failures.append(_failure(report, report.when if known else "crash"))


def _only_subtests_failed(report: Report) -> bool:
    text = report.longrepr
    return text is None or (
        isinstance(text, str) and text.startswith("contains ") and "failed subtest" in text
    )


def _failure(report: Report, phase: str) -> Failure:
    from devkit.history.masks import mask_secrets
    from devkit.history.witness import from_wire

    trace = mask_secrets(report.longreprtext)
    if len(trace) > _MAX_TRACE:
        trace = f"{trace[:2000]}\n[... cut ...]\n{trace[2000 - _MAX_TRACE :]}"
    facts = report.__dict__.get("devkit_history")
    if facts is not None:
        return from_wire({**facts, "phase": phase}, trace)
    first = trace.strip().partition("\n")[0][:600]
    if phase == "crash":
        return Failure(phase, "WorkerCrash", "the worker process died", (), trace)
    if first.startswith("[XPASS(strict)]"):
        return Failure(phase, "XPASS(strict)", first, (), trace)
    return Failure(phase, "Failure", first, (), trace)


def subtest_id(report: Report) -> str:
    """Return the node id of a subtest: its test's, with the description that pytest shows."""
    context = report.context
    parts = [report.nodeid]
    if context.msg is not None:
        parts.append(f"[{context.msg}]")
    if context.kwargs:
        values = (f"{name}={_plain(value)}" for name, value in sorted(context.kwargs.items()))
        parts.append(f"({', '.join(values)})")
    return " ".join(parts) if len(parts) > 1 else f"{parts[0]} (<subtest>)"


def _plain(value: object) -> object:
    """Undo the quoting of a subtest's value, which pytest adds once more for each process."""
    while isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return value
    return value
