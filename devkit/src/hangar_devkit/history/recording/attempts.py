"""Turns pytest's reports, several for each test, into one result for each attempt."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from hangar_devkit.history.records import (
    ERROR,
    FAILED,
    PASSED,
    QUARANTINED,
    SKIPPED,
    XFAILED,
    XPASSED,
    Group,
)

if TYPE_CHECKING:  # a protocol is expensive to create
    from typing import Protocol

    from hangar_devkit.history.results import Failure, Result

    class Report(Protocol):
        """What the recorder reads from a pytest report of any class.

        It is the report of one phase of a test, of a subtest, or of a collection.

        Attributes:
            hangar_history: What `Failure.plain` returned for the exception, in the process that
                raised it.
        """

        nodeid: str
        location: tuple[str, int | None, str]
        when: str
        outcome: str
        duration: float
        stop: float
        longrepr: Any
        context: Any
        hangar_history: tuple[Any, ...] | None
        __dict__: dict[str, Any]

        @property
        def longreprtext(self) -> str:
            """The failure as pytest prints it."""
            ...


_MAX_TRACE = 12_000
_RERUN = frozenset({"rerun", "retried"})
"""Outcomes with which pytest-rerunfailures and pytest-retry report a try that they repeat."""


class _Attempt:
    """What is known of an attempt that has not ended."""

    __slots__ = (
        "called", "failures", "milliseconds", "outcome", "quarantined", "rerun", "subtests",
    )  # fmt: skip

    def __init__(self, milliseconds: int = 0) -> None:
        self.outcome = PASSED
        self.milliseconds = milliseconds
        self.called = False
        self.quarantined = False
        self.rerun = False
        self.failures: "list[Failure]" = []  # noqa: UP037 - not loaded in a session that passes
        self.subtests: dict[str, int] = {}


class Attempts:
    """The attempts of one session.

    Args:
        content_keys: Content key of the tests in a file.

    Attributes:
        broke: Whether something went wrong, quarantined or not.
    """

    def __init__(self, content_keys: Mapping[str, str]) -> None:
        self._content_keys = content_keys
        self._open: dict[str, _Attempt] = {}
        self._calls: dict[str, float] = {}  # duration of the call of each worker's current test
        self.broke = False

    def take(self, reports: "Iterable[Report]") -> "list[Group | Result]":
        """Return the results of the attempts that end with these reports, given in order."""
        results: list[Any] = []
        calls, still_open, keys = self._calls, self._open, self._content_keys
        group: tuple[str, str] | None = None
        passed: list[str | int] = []
        for report in reports:
            when = report.when
            # Newer pytest builds the node id each time that it is read.
            if report.outcome != "passed" or (still_open and report.nodeid in still_open):
                results += self._take_other(report)
                group = None
            elif when == "call":
                attributes = report.__dict__
                if "wasxfail" in attributes or "context" in attributes:
                    results += self._take_other(report)
                    group = None
                else:
                    calls[attributes.get("worker_id", "")] = report.duration
            elif when == "teardown":
                worker = report.__dict__.get("worker_id", "")
                duration = calls.pop(worker, None)
                if duration is None:
                    continue  # no call, no pass: a plan, or a plugin that hides a failed try
                path, _, name = report.nodeid.partition("::")
                if group != (path, worker):
                    group, passed = (path, worker), []
                    results.append((path, keys[path], worker, passed))
                passed += name, round(1000 * duration)
        return results

    def take_collect_error(self, report: "Report") -> "Result":
        """Return the result of a file that could not be collected."""
        attempt = _Attempt()
        attempt.outcome = ERROR
        attempt.failures.append(_failure(report, "collect"))
        return self._finish(report.nodeid, "", attempt)

    def rest(self) -> "list[Result]":
        """Return the failed attempts that no report ended: a worker died between two phases."""
        left, self._open = self._open, {}
        return [self._finish(nodeid, "", each) for nodeid, each in left.items() if each.failures]

    def _take_other(self, report: "Report") -> "Iterator[Result]":
        """Take a report of an attempt that did not simply pass."""
        nodeid = report.nodeid
        worker = getattr(report, "worker_id", "")
        if hasattr(report, "context"):
            yield self._subtest(report, worker)
            return
        attempt = self._open.get(nodeid)
        if attempt is None:
            duration = self._calls.pop(worker, None)
            attempt = self._open[nodeid] = _Attempt(round(1000 * (duration or 0.0)))
            attempt.called = duration is not None
        if report.when == "call":
            attempt.called = True
            attempt.milliseconds = round(1000 * report.duration)
        if report.outcome in _RERUN:
            attempt.rerun = True
        if report.outcome != "passed" or hasattr(report, "wasxfail"):
            _add_report(report, attempt)
        if report.when not in {"setup", "call"}:
            del self._open[nodeid]
            if attempt.called or attempt.outcome != PASSED:
                yield self._finish(nodeid, worker, attempt)

    def _subtest(self, report: "Report", worker: str) -> "Result":
        parent = self._open.setdefault(report.nodeid, _Attempt())
        name = subtest_id(report)
        count = parent.subtests[name] = parent.subtests.get(name, 0) + 1
        attempt = _Attempt(round(1000 * report.duration))
        _add_report(report, attempt)
        nodeid = name if count == 1 else f"{name} #{count}"
        return self._finish(nodeid, worker, attempt)._replace(subtest=True)

    def _finish(self, nodeid: str, worker: str, attempt: _Attempt) -> "Result":
        from hangar_devkit.history.results import Result

        self.broke |= bool(attempt.failures)
        return Result(
            nodeid,
            0,  # the store counts attempts, and positions, when it ingests the journal
            attempt.outcome,
            attempt.milliseconds,
            self._content_keys[nodeid.partition("::")[0]],
            worker=worker,
            quarantined=attempt.quarantined,
            failures=tuple(attempt.failures),
            rerun=attempt.rerun,
        )


def _add_report(report: "Report", attempt: _Attempt) -> None:
    """Add a report to the attempt that it belongs to."""
    expected = getattr(report, "wasxfail", None)
    if isinstance(expected, str) and expected.removeprefix("reason: ").startswith(QUARANTINED):
        attempt.quarantined = True
        broken = report.outcome == "skipped"
    elif expected is not None and report.outcome != "failed":
        if attempt.outcome == PASSED:
            attempt.outcome = XFAILED if report.outcome == "skipped" else XPASSED
        return
    else:
        broken = report.outcome == "failed" or report.outcome in _RERUN
        if report.outcome == "skipped" and attempt.outcome == PASSED:
            attempt.outcome = SKIPPED
    if broken:
        known = report.when in {"setup", "call", "teardown"}
        if attempt.outcome != FAILED:
            attempt.outcome = FAILED if report.when == "call" else ERROR
        if hasattr(report, "context") or not _only_subtests_failed(report):
            attempt.failures.append(_failure(report, report.when if known else "crash"))


def _only_subtests_failed(report: "Report") -> bool:
    text = report.longrepr
    return text is None or (
        isinstance(text, str) and text.startswith("contains ") and "failed subtest" in text
    )


def _failure(report: "Report", phase: str) -> "Failure":
    from hangar_devkit.history.masks import mask_secrets
    from hangar_devkit.history.results import Failure

    trace = mask_secrets(report.longreprtext)
    if len(trace) > _MAX_TRACE:
        trace = f"{trace[:2000]}\n[... cut ...]\n{trace[2000 - _MAX_TRACE :]}"
    values = report.__dict__.get("hangar_history")
    if values is not None:
        return Failure.parse(values)._replace(phase=phase, trace=trace)
    first = trace.strip().partition("\n")[0][:600]
    if phase == "crash":
        return Failure(phase, "WorkerCrash", "the worker process died", (), trace)
    if first.startswith("[XPASS(strict)]"):
        return Failure(phase, "XPASS(strict)", first, (), trace)
    return Failure(phase, "Failure", first, (), trace)


def subtest_id(report: "Report") -> str:
    """Return the node id of a subtest: its test's, with the description that pytest prints."""
    context = report.context
    parts = [report.nodeid]
    if context.msg is not None:
        parts.append(f"[{context.msg}]")
    if context.kwargs:
        values = (f"{name}={_unquoted(value)}" for name, value in sorted(context.kwargs.items()))
        parts.append(f"({', '.join(values)})")
    return " ".join(parts) if len(parts) > 1 else f"{parts[0]} (<subtest>)"


def _unquoted(value: object) -> object:
    """Undo the quoting of a subtest's value, which pytest repeats for each process."""
    while isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError):
            return value
    return value
