"""The pytest plugin: records every run, and summarizes its failures."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hangar_devkit.history import STORE
from hangar_devkit.history.system import SYSTEM

if TYPE_CHECKING:
    from hangar_devkit.history.recording.attempts import Report
    from hangar_devkit.history.recording.inspector import ExceptionInspector
    from hangar_devkit.history.recording.recorder import Recorder
    from hangar_devkit.history.store.marker import Marker

BATCH_SECONDS = 1.0
BATCH_REPORTS = 200
"""Two reports are kept for each test, so that a killed session loses at most 100 tests."""
_OFF = frozenset({"0", "off", "false", "no"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the plugin's options."""
    parser.getgroup("history").addoption(
        "--triage-first", action="store_true", help="run the likeliest failures first"
    )
    parser.addini("history", "record runs in the test history", type="bool", default=True)
    parser.addini(
        "history_store", f"path of the test history, relative to the root ({STORE})", default=""
    )
    parser.addini("history_days", "days to keep a run (180)", default="180")
    parser.addini("history_megabytes", "maximum size of the test history (256)", default="256")


def pytest_configure(config: pytest.Config) -> None:
    """Inspect exceptions in every process; record in the controller only."""
    _configure_order(config)
    early = SYSTEM.exists(f"{config.rootpath}/quarantine.toml")
    if early:
        from hangar_devkit.history.recording.collection import QuarantinePlugin

        config.pluginmanager.register(QuarantinePlugin(config), "hangar_history_quarantine")
    if is_off(config):
        return
    if hasattr(config, "workerinput"):
        early = True
    else:
        config.pluginmanager.register(RecorderPlugin(config), "hangar_history_recorder")
    inspector = EarlyInspectorPlugin if early else InspectorPlugin
    config.pluginmanager.register(inspector(config.rootpath), "hangar_history_inspector")


def _configure_order(config: pytest.Config) -> None:
    """Set up `--triage-first`."""
    order: list[str] | None = None
    if hasattr(config, "workerinput"):
        order = config.workerinput.get("hangar_history_order")
    elif config.getoption("triage_first"):
        from hangar_devkit.history.analysis.likely_failures import likely_failures

        order = likely_failures(store_path(config))
    if order:
        from hangar_devkit.history.recording.collection import TriageFirstPlugin

        config.pluginmanager.register(TriageFirstPlugin(order), "hangar_history_order")


def is_off(config: pytest.Config) -> bool:
    """Return whether this session must not be recorded.

    A session that runs inside a test (pytester) is part of that test, not a run of the project.
    """
    return (
        not config.getini("history")
        or os.environ.get("DEVKIT_HISTORY", "").lower() in _OFF
        or bool(config.getoption("collectonly", default=False))
        or ("PYTEST_CURRENT_TEST" in os.environ and not hasattr(config, "workerinput"))
    )


def store_path(config: pytest.Config) -> Path:
    """Return the path of the store: from the environment, the ini file, or the default."""
    path = os.environ.get("DEVKIT_HISTORY_STORE") or config.getini("history_store") or STORE
    return config.rootpath / path


class InspectorPlugin:
    """Attaches the description of an exception to its report, in the process that raised it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._inspector: "ExceptionInspector | None" = None  # noqa: UP037 - loaded on failure

    def _describe(self, error: BaseException, when: str) -> tuple[Any, ...] | None:
        try:
            if self._inspector is None:
                from hangar_devkit.history.recording.inspector import ExceptionInspector

                self._inspector = ExceptionInspector(self._root)
            return self._inspector.describe(error, when).plain()
        except KeyboardInterrupt:
            raise
        except BaseException:  # noqa: BLE001 - the recorder must never change an outcome
            return None

    def pytest_exception_interact(self, call: pytest.CallInfo[object], report: "Report") -> None:
        """Describe an exception; pytest calls this only when there is one."""
        if call.excinfo is not None and "hangar_history" not in report.__dict__:
            report.hangar_history = self._describe(call.excinfo.value, report.when)


class EarlyInspectorPlugin(InspectorPlugin):
    """Attaches the description before the report is sent to the controller or becomes an xfail.

    This costs a call for each phase of each test, so it is used only where it is needed: in
    worker processes, and with a quarantine.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._described: dict[tuple[str, str], tuple[Any, ...] | None] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Describe the exception of a phase, if there is one."""
        if call.excinfo is not None:
            description = self._describe(call.excinfo.value, call.when)
            self._described[item.nodeid, call.when] = description

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: "Report") -> None:
        """Attach the description to the report of the same phase."""
        if self._described:
            description = self._described.pop((report.nodeid, report.when), None)
            if description is not None and report.outcome != "passed":
                report.hangar_history = description


class RecorderPlugin:
    """Passes reports to the recorder and, at the end, prints a summary.

    Whatever goes wrong in here ends the recording, never the session: not even the exceptions
    with which pytest fails and skips tests, which a user's `__str__` may raise.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._recorder: "Recorder | None" = None  # noqa: UP037 - not loaded when it is off
        self._marker: "Marker | None" = None  # noqa: UP037
        self._reports: "list[Report]" = []  # noqa: UP037
        self._forked: list[bool] = []  # not empty in a forked child, which is not this session
        self._counter = SYSTEM.counter
        self._due = 0.0
        self._notes: list[str] = []
        self._lines: list[str] = []

    def _guard(self, step: Callable[[], None], failure: str) -> None:
        """Run a step; note when it fails."""
        try:
            step()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the recorder must never change an outcome
            self._notes.append(f"{failure}: {_one_line(error)}")

    def _stop(self, error: BaseException) -> None:
        self._leave()
        self._notes.append(f"the rest of this run was not recorded: {_one_line(error)}")

    def _leave(self) -> None:
        """Record nothing more."""
        self._recorder = self._marker = None
        self._reports = []

    def pytest_sessionstart(self) -> None:
        """Start recording."""
        try:
            from hangar_devkit.history.recording.environment import seeds
            from hangar_devkit.history.recording.recorder import Recorder
            from hangar_devkit.history.recording.session_facts import describe_invocation

            config = self._config
            self._recorder = Recorder(
                config.rootpath,
                store_path(config),
                seeds(config),
                lambda: describe_invocation(config),
            )
            if hasattr(os, "register_at_fork"):
                # What is registered lives as long as the process: it must not hold the session.
                os.register_at_fork(after_in_child=partial(self._forked.append, True))
        except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
            self._stop(error)
        self._due = self._counter() + BATCH_SECONDS

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Describe the run before a test can change the environment; mark the session as alive."""
        items = session.items if hasattr(session, "items") else []
        if self._recorder is None or not items:
            return
        try:
            # Of several workers, each runs a test: a dead one is reported by pytest-xdist.
            distributed = self._config.getoption("dist", default="no") != "no"
            self._marker = self._recorder.begin([] if distributed else items)
            parameters = [
                pair
                for item in items
                if "callspec" in item.__dict__
                for pair in item.__dict__["callspec"].params.items()
            ]
            if parameters:
                from hangar_devkit.history.masks import learn_parameters

                learn_parameters(parameters)
        except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
            self._stop(error)

    def pytest_runtest_logreport(self, report: "Report") -> None:
        """Keep the report of a phase; this is called often, so reports are written in batches."""
        if self._recorder is None or self._forked:
            return
        when = report.when
        if when == "setup" and report.outcome == "passed":
            return  # the other phases have all that is recorded
        self._reports.append(report)
        if when == "teardown":
            if self._marker is not None:
                self._marker.advance(report.location)
            if len(self._reports) >= BATCH_REPORTS or self._counter() > self._due:
                self._write()

    def _write(self) -> None:
        reports, self._reports = self._reports, []
        if reports[-1].outcome == "failed" and "hangar_history" not in reports[-1].__dict__:
            self._reports.append(reports.pop())  # its exception is described next
        if self._recorder is not None:
            try:
                self._recorder.write(reports)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - the recorder must never change an outcome
                self._stop(error)
        self._due = self._counter() + BATCH_SECONDS

    def pytest_collectreport(self, report: "Report") -> None:
        """Record a file that could not be collected."""
        if report.outcome == "failed" and self._recorder is not None:
            try:
                self._recorder.add_collect_error(report)
            except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
                self._stop(error)

    def pytest_sessionfinish(self) -> None:
        """Write the rest; analyse the runs if recent ones had failures."""
        if self._recorder is None or self._forked:
            return
        try:
            if self._marker is not None:
                self._marker.remove()
            run = self._recorder.finish(self._reports)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - the recorder must never change an outcome
            self._stop(error)
            return
        if run:
            self._guard(lambda: self._analyse(run), "this run was recorded, but not analysed")

    def _analyse(self, run: str) -> None:
        from hangar_devkit.history.store.journal import has_failures
        from hangar_devkit.history.store.store import Store

        ini = self._config.getini
        with Store.open(store_path(self._config)) as store:
            if store.notice:
                self._notes.append(store.notice)
            self._notes += store.died
            if has_failures(store.path):
                from hangar_devkit.history.analysis.findings import update
                from hangar_devkit.history.output.summary import after_run

                findings = update(store, root=self._config.rootpath)
                self._lines = after_run(findings, run)
            store.prune(float(ini("history_days")), float(ini("history_megabytes")))

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the summary of this run."""
        if self._lines or self._notes:
            self._guard(lambda: self._print(terminalreporter), "this run was recorded")

    def _print(self, terminalreporter: "pytest.TerminalReporter") -> None:
        try:
            from hangar_devkit.history.output.formatting import printable, wrapped

            lines = [printable(line) for line in self._lines]
            notes = [printable(note) for note in self._notes]
            if terminalreporter.isatty:
                width = os.get_terminal_size().columns - len("history: ")
                lines, notes = wrapped(lines, width), wrapped(notes, width)
        except Exception:  # noqa: BLE001 - a test may have left no way to open a file
            lines, notes = [*map(ascii, self._lines)], [*map(ascii, self._notes)]
        for line in lines:
            terminalreporter.write_line(f"history: {line}")
        for note in notes:
            terminalreporter.write_line(f"history: {note}", yellow=True)


def _one_line(error: BaseException) -> str:
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - the error is the user's, and so is its text
        text = ""
    return text or type(error).__name__
