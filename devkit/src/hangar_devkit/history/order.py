"""The tests that are likeliest to fail next, by what they did lately."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import TYPE_CHECKING

from hangar_devkit.history.records import BROKEN
from hangar_devkit.history.store import Store
from hangar_devkit.history.storefile import StoreError

if TYPE_CHECKING:
    from pathlib import Path

_RUNS = 30
_HALF_LIFE = 5.0


def likeliest(path: Path) -> list[str]:
    """Return the tests that failed lately, likeliest to fail first; none without a history.

    Args:
        path: The store's file.
    """
    try:
        with Store(path, create=False) as store:
            rows = store.connection.execute(
                "WITH latest AS (SELECT id, row_number() OVER (ORDER BY started DESC, id DESC) - 1"
                " AS age FROM run ORDER BY started DESC, id DESC LIMIT ?)"
                " SELECT nodeid, age, outcome, milliseconds FROM latest CROSS JOIN failure f"
                " ON f.run=latest.id JOIN result r ON r.run=f.run AND r.test=f.test"
                " AND r.attempt=f.attempt JOIN test ON test.id=f.test",
                (_RUNS,),
            ).fetchall()
    except (StoreError, sqlite3.Error):
        return []
    weight: dict[str, float] = defaultdict(float)
    for nodeid, age, outcome, _ in rows:
        if outcome in BROKEN:
            weight[nodeid] += 0.5 ** (age / _HALF_LIFE)
    return sorted(weight, key=lambda nodeid: (-weight[nodeid], nodeid))
