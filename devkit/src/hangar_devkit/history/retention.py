"""How long runs are kept: by their age, and by the size of the store's file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hangar_devkit.history.store import Store


def prune(store: Store, days: float, megabytes: float) -> int:
    """Forget runs older than `days`, and the oldest tenth of a file above `megabytes`.

    Returns:
        How many runs were forgotten.
    """
    query = store.connection.execute
    limit = time.time() - days * 86_400
    doomed = {number for (number,) in query("SELECT id FROM run WHERE started < ?", (limit,))}
    if store.path.stat().st_size > megabytes * 1_000_000:
        (count,) = query("SELECT count(*) FROM run").fetchone()
        oldest = query("SELECT id FROM run ORDER BY started LIMIT ?", (count // 10,))
        doomed.update(number for (number,) in oldest)
    if doomed:
        _forget(store, doomed)
    return len(doomed)


def _forget(store: Store, runs: Iterable[int]) -> None:
    numbers = [(run,) for run in runs]
    with store.transaction() as connection:
        for table in ("result", "failure"):
            connection.executemany(f"DELETE FROM {table} WHERE run=?", numbers)
        connection.executemany("DELETE FROM run WHERE id=?", numbers)
        connection.execute("DELETE FROM evidence WHERE id NOT IN (SELECT evidence FROM failure)")
    store.connection.execute("VACUUM")
