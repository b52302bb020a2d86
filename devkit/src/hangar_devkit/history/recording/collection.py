"""Changes what pytest collected: quarantined tests may fail, likely failures run first."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest

from hangar_devkit.history.quarantine import FILE, Entry, QuarantineError, read
from hangar_devkit.history.records import QUARANTINED
from hangar_devkit.history.system import SYSTEM


class QuarantinePlugin:
    """Marks quarantined tests as expected failures; an expired entry fails the run."""

    def __init__(self, config: pytest.Config) -> None:
        try:
            self._entries = read(config.rootpath)
        except QuarantineError as error:
            raise pytest.UsageError(str(error)) from error
        self._today = dt.date(1970, 1, 1) + dt.timedelta(days=int(SYSTEM.now() // 86_400))
        self._expired: list[Entry] = []

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Mark the tests that an entry covers."""
        for item in items:
            for entry in self._entries:
                if entry.covers(item.nodeid):
                    self._mark(item, entry)

    def _mark(self, item: pytest.Item, entry: Entry) -> None:
        if entry.is_active(self._today):
            reason = f"{QUARANTINED}{entry.reason} ({entry.owner})"
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False), append=False)
        elif entry not in self._expired:
            self._expired.append(entry)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail the run when an entry that covers one of its tests has expired."""
        if self._expired and session.exitstatus in {
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        }:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the expired entries."""
        for entry in self._expired:
            terminalreporter.write_line(
                f"{FILE}: {entry.id} expired on {entry.expires}: "
                f"{entry.owner} must fix the test or renew the entry",
                red=True,
            )


class TriageFirstPlugin:
    """Runs the likeliest failures first; the controller sends the order to its workers."""

    def __init__(self, order: Sequence[str]) -> None:
        self._order = list(order)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - pytest-xdist has no types
        """Send the order to a worker: all must collect in the same order."""
        node.workerinput["hangar_history_order"] = self._order

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Move the tests of the order before the others, whose order does not change."""
        rank = {nodeid: index for index, nodeid in enumerate(self._order)}
        items.sort(key=lambda item: rank.get(item.nodeid, len(rank)))
