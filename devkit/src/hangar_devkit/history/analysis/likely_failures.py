"""The tests that are likeliest to fail next, judged by their recent failures."""

import sqlite3
from collections import defaultdict
from pathlib import Path

from hangar_devkit.history.records import BROKEN
from hangar_devkit.history.store.file import StoreError
from hangar_devkit.history.store.store import Store

_RUNS = 30
_HALF_LIFE = 5.0


def likely_failures(path: Path) -> list[str]:
    """Return the tests that failed recently, likeliest to fail first; [] without a history.

    Args:
        path: Path of the store.
    """
    try:
        with Store.read(path) as store:
            rows = store.connection.execute(
                "WITH latest AS (SELECT id, row_number() OVER (ORDER BY started DESC, id DESC) - 1"
                " AS age FROM run ORDER BY started DESC, id DESC LIMIT ?)"
                " SELECT nodeid, age, outcome FROM latest CROSS JOIN failure f"
                " ON f.run=latest.id JOIN result r ON r.run=f.run AND r.test=f.test"
                " AND r.attempt=f.attempt JOIN test ON test.id=f.test",
                (_RUNS,),
            ).fetchall()
    except (StoreError, sqlite3.Error):
        return []
    weight: dict[str, float] = defaultdict(float)
    for nodeid, age, outcome in rows:
        if outcome in BROKEN:
            weight[nodeid] += 0.5 ** (age / _HALF_LIFE)
    return sorted(weight, key=lambda nodeid: (-weight[nodeid], nodeid))
