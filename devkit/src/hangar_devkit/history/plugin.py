"""The pytest plugin: records every run, and says what its failures mean."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pytest

from hangar_devkit.history import STORE

if TYPE_CHECKING:
    from pathlib import Path

    from hangar_devkit.history.recorder import Recorder
    from hangar_devkit.history.reports import Report
    from hangar_devkit.history.witness import Witness

BATCH_SECONDS = 1.0
BATCH_REPORTS = 200
"""A test has two that are kept, so what a killed session loses is at most 100 tests."""
_OFF = frozenset({"0", "off", "false", "no"})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the plugin's options."""
    parser.getgroup("history").addoption(
        "--triage-first", action="store_true", help="run the tests likeliest to fail first"
    )
    parser.addini("history", "record runs in the test history", type="bool", default=True)
    parser.addini(
        "history_store", f"the history's file, relative to the root ({STORE})", default=""
    )
    parser.addini("history_days", "days that a run is kept (180)", default="180")
    parser.addini("history_megabytes", "size that the history may reach (256)", default="256")


def pytest_configure(config: pytest.Config) -> None:
    """Watch exceptions in every process; record in the controller only."""
    _configure_order(config)
    early = (config.rootpath / "quarantine.toml").exists()
    if early:
        from hangar_devkit.history.quarantine_plugin import QuarantinePlugin

        config.pluginmanager.register(QuarantinePlugin(config), "hangar_history_quarantine")
    if is_off(config):
        return
    if hasattr(config, "workerinput"):
        early = True
    else:
        config.pluginmanager.register(RecorderPlugin(config), "hangar_history_recorder")
    witness = EarlyWitnessPlugin if early else WitnessPlugin
    config.pluginmanager.register(witness(config.rootpath), "hangar_history_witness")


def _configure_order(config: pytest.Config) -> None:
    """Arrange for `--triage-first`."""
    order: list[str] | None = None
    if hasattr(config, "workerinput"):
        order = config.workerinput.get("hangar_history_order")
    elif config.getoption("triage_first"):
        from hangar_devkit.history.order import likeliest

        order = likeliest(store_path(config))
    if order:
        from hangar_devkit.history.quarantine_plugin import TriageFirstPlugin

        config.pluginmanager.register(TriageFirstPlugin(order), "hangar_history_order")


def is_off(config: pytest.Config) -> bool:
    """Tell whether this session must not be recorded.

    A session that runs inside a test (pytester) is part of that test, not a run of the project.
    """
    return (
        not config.getini("history")
        or os.environ.get("DEVKIT_HISTORY", "").lower() in _OFF
        or bool(config.getoption("collectonly", default=False))
        or ("PYTEST_CURRENT_TEST" in os.environ and not hasattr(config, "workerinput"))
    )


def store_path(config: pytest.Config) -> Path:
    """Return where the store is: the environment decides, then the ini file, then the default."""
    chosen = os.environ.get("DEVKIT_HISTORY_STORE") or config.getini("history_store") or STORE
    return config.rootpath / chosen


class WitnessPlugin:
    """Attaches what an exception tells to the report of it, in the process that raised it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._witness: Witness | None = None

    def _testify(self, error: BaseException, when: str) -> dict[str, Any] | None:
        from hangar_devkit.history.witness import Witness, to_wire

        try:
            if self._witness is None:
                self._witness = Witness(self._root)
            return to_wire(self._witness.testify(error, when))
        except Exception:  # noqa: BLE001 - the recorder must never change an outcome
            return None

    def pytest_exception_interact(self, call: pytest.CallInfo[object], report: Report) -> None:
        """Look at an exception; pytest calls this only when there is one."""
        if call.excinfo is not None and "hangar_history" not in report.__dict__:
            report.hangar_history = self._testify(call.excinfo.value, report.when)


class EarlyWitnessPlugin(WitnessPlugin):
    """Attaches the facts before the report is sent to the controller, or turned into an xfail.

    It costs a call for each phase of each test, so it is there only where it is needed: in worker
    processes, and with a quarantine.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._facts: dict[tuple[str, str], dict[str, Any] | None] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Look at the exception of a phase, if there is one."""
        if call.excinfo is not None:
            self._facts[item.nodeid, call.when] = self._testify(call.excinfo.value, call.when)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Report) -> None:
        """Attach the facts to the report that tells of the same phase."""
        if self._facts:
            facts = self._facts.pop((report.nodeid, report.when), None)
            if facts is not None and report.outcome != "passed":
                report.hangar_history = facts


class RecorderPlugin:
    """Feeds the recorder and, at the end, the terminal."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._recorder: Recorder | None = None
        self._reports: list[Report] = []
        self._due = 0.0
        self._notes: list[str] = []
        self._lines: list[str] = []

    def _give_up(self, error: Exception) -> None:
        self._recorder = None
        self._notes.append(f"the rest of this run was not recorded: {_in_a_line(error)}")

    def pytest_sessionstart(self) -> None:
        """Begin to record."""
        try:
            from hangar_devkit.history.environment import seeds
            from hangar_devkit.history.recorder import Recorder

            config = self._config
            self._recorder = Recorder(config.rootpath, store_path(config), seeds(config))
        except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
            self._give_up(error)
        self._due = time.time() + BATCH_SECONDS

    def pytest_runtest_logreport(self, report: Report) -> None:
        """Note one phase of a test; this is called often, so all else is done for many at once."""
        when = report.when
        if when == "setup" and report.outcome == "passed":
            return  # what follows tells the rest
        self._reports.append(report)
        if when == "teardown" and (report.stop > self._due or len(self._reports) >= BATCH_REPORTS):
            self._write()

    def _write(self) -> None:
        reports, self._reports = self._reports, []
        if reports[-1].outcome == "failed" and "hangar_history" not in reports[-1].__dict__:
            self._reports.append(reports.pop())  # pytest looks at its exception next
        if self._recorder is not None:
            try:
                self._recorder.write(reports)
            except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
                self._give_up(error)
        self._due = time.time() + BATCH_SECONDS

    def pytest_collectreport(self, report: Report) -> None:
        """Record a file that could not be collected."""
        if report.outcome == "failed" and self._recorder is not None:
            try:
                self._recorder.add_collect_error(report)
            except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
                self._give_up(error)

    def pytest_sessionfinish(self) -> None:
        """Write the rest; where something failed lately, look at all the runs."""
        if self._recorder is None:
            return
        try:
            run = self._recorder.finish(self._reports)
        except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
            self._give_up(error)
            return
        if run:
            try:
                self._look_back(run)
            except Exception as error:  # noqa: BLE001 - the recorder must never change an outcome
                self._notes.append(f"this run was recorded, but not looked at: {_in_a_line(error)}")

    def _look_back(self, run: str) -> None:
        from hangar_devkit.history.journal import has_news
        from hangar_devkit.history.retention import prune
        from hangar_devkit.history.store import Store

        ini = self._config.getini
        with Store(store_path(self._config)) as store:
            if store.notice:
                self._notes.append(store.notice)
            if has_news(store.path):
                from hangar_devkit.history.summary import after_run
                from hangar_devkit.history.update import update

                findings = update(store, root=self._config.rootpath)
                self._lines = after_run(findings, store.number_of(run))
            prune(store, float(ini("history_days")), float(ini("history_megabytes")))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what the failures of this run mean."""
        for line in self._lines:
            terminalreporter.write_line(f"history: {line}")
        for note in self._notes:
            terminalreporter.write_line(f"history: {note}", yellow=True)


def _in_a_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
