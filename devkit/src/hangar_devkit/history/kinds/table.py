"""Tells the kinds of all flaky tests, and keeps them in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangar_devkit.history.flaky import FLAKY
from hangar_devkit.history.kinds.names import Kind

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from hangar_devkit.history.flaky import Verdict
    from hangar_devkit.history.window import Window


def write(
    connection: sqlite3.Connection,
    window: Window,
    verdicts: Mapping[str, Verdict],
    left_out: Collection[int],
    root: Path | None,
) -> None:
    """Tell the kind of each test that is flaky now, and forget what was told before.

    Args:
        connection: The store's connection, within a transaction.
        window: What was looked at.
        verdicts: By node id.
        left_out: Places of the runs that look like an outage.
        root: The project's root; None to look at no sources.
    """
    from hangar_devkit.history.kinds.evidence import gather  # not needed to read, at each run's end
    from hangar_devkit.history.kinds.telling import tell

    chosen = {
        test: nodeid for test, nodeid in window.tests.items() if verdicts[nodeid].verdict == FLAKY
    }
    connection.execute("UPDATE flaky SET kind='', kind_reason=''")
    connection.executemany(
        "UPDATE flaky SET kind=?, kind_reason=? WHERE test=?",
        [(*tell(e, root), e.test) for e in gather(connection, window, chosen, left_out)],
    )


def read(connection: sqlite3.Connection, verdicts: Mapping[str, Verdict]) -> dict[str, Kind]:
    """Return the kinds that were told last, of the tests that are flaky now."""
    rows = connection.execute(
        "SELECT nodeid, kind, kind_reason FROM flaky JOIN test ON test.id=flaky.test WHERE kind<>''"
    )
    return {
        nodeid: Kind(name, reason)
        for nodeid, name, reason in rows
        if nodeid in verdicts and verdicts[nodeid].verdict == FLAKY
    }
