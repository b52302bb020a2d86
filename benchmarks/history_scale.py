"""Test history, scale: the size and the speed of a store with a million results.

Bytes per result, and the CPU time of what people wait for; for queries the 95th percentile.
"""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.framework.figures import Figure, Options
from hangar_devkit.history.analysis.findings import examine, update
from hangar_devkit.history.records import FAILED, PASSED, Run
from hangar_devkit.history.results import Failure, Frame, Result
from hangar_devkit.history.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS, RUNS = 5000, 200
WAITS = {
    "queue_ms": ("store read and queue ranked", None),
    "class_page_ms": ("class page", 20),
    "test_history_ms": ("history of a test", 20),
    "end_of_run_update_ms": ("update at a run's end", 100),
}


def figures(options: Options) -> list[Figure]:  # noqa: ARG001 - the queries are repeated anyway
    """Fill a store and query it."""
    values = measure()
    waits = [
        Figure(name, values[key], "ms", of="CPU time", target=target, within=0.5)
        for key, (name, target) in WAITS.items()
        if key in values
    ]
    size = Figure("size of a result", values["bytes_per_result"], "bytes", target=40, within=0.01)
    return [size, *waits, Figure("results", values["results"])]


def fill(store: Store, tests: int, runs: int) -> None:
    """Store runs in which a few causes break a few tests each."""
    pick = random.Random(1)
    causes = [(pick.sample(range(tests), pick.randint(1, 12)), pick.random() * 0.4)
              for _ in range(30)]  # fmt: skip
    for run in range(runs):
        broken = {t: c for c, (hit, rate) in enumerate(causes) if pick.random() < rate for t in hit}
        results = []
        for t in range(tests):
            failures: tuple[Failure, ...] = ()
            if t in broken:
                frame = Frame("src/shop.py", f"function_{broken[t]}", 3, "app", "return 1 / 0")
                failures = (Failure("call", "ValueError", f"cause {broken[t]}", (frame,), "trace"),)
            results.append(Result(
                f"tests/unit/test_module_{t // 50}.py::test_number_{t}", 0,
                FAILED if failures else PASSED, pick.randint(0, 90), f"key {run // 10} {t // 500}",
                t, "", False, False, failures,
            ))  # fmt: skip
        with store.transaction():
            store.add_run(
                Run(f"run{run}", 1e9 + 3600 * run, on_default=True, seconds=60.0), results
            )


def queue(path: Path) -> None:
    """Read the store and rank what to fix, as `hangar triage` does."""
    with Store.read(path) as store:
        examine(store)


def percentile(action: Callable[[], object], times: int, share: float = 0.95) -> float:
    """Return a percentile of an action's CPU time, in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        action()
        taken.append(1000 * (time.process_time() - began))
    return round(sorted(taken)[min(times - 1, int(share * times))], 2)


def measure() -> dict[str, float]:
    """Fill a store, query it, and measure its file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "history.sqlite"
        with Store.open(path) as store:
            fill(store, TESTS, RUNS)
            update(store, full=True)
            query = store.connection.execute
            number = query("SELECT id FROM class LIMIT 1").fetchone()[0]
            values = {
                "results": query("SELECT count(*) FROM result").fetchone()[0],
                "failures": query("SELECT count(*) FROM failure").fetchone()[0],
                "end_of_run_update_ms": percentile(lambda: update(store), 10),
                "queue_ms": percentile(lambda: queue(path), 10),
                "class_page_ms": percentile(lambda: query(
                    "SELECT run.uid, nodeid, message FROM failure f JOIN run ON run.id=f.run"
                    " JOIN test ON test.id=f.test JOIN evidence e ON e.id=f.evidence"
                    " WHERE class=? ORDER BY f.run DESC LIMIT 200", (number,)).fetchall(), 50),
                "test_history_ms": percentile(lambda: query(
                    "SELECT run.started, outcome, milliseconds FROM (SELECT id, started FROM run"
                    " ORDER BY started DESC LIMIT 200) run CROSS JOIN result r ON r.run=run.id"
                    " AND r.test=77").fetchall(), 50),
            }  # fmt: skip
            query("PRAGMA wal_checkpoint(TRUNCATE)")
        values["bytes_per_result"] = round(path.stat().st_size / values["results"], 1)
    return values
