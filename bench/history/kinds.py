"""A live suite of flaky tests, run a hundred times: which are found, and of which kind.

The suite (`flaky_suite/`) has the kinds of the IDoFT list; the file that a test is in is its truth.
Around each run the machine differs (`flaky_surroundings/`): clock, time zone, load, taken ports,
what an earlier run left on the disk. Every other run is shuffled. For ten runs the code is broken.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from hangar_devkit.history import STORE
from hangar_devkit.history.kinds.names import ORDER, RANDOM, RESOURCE, TIME
from hangar_devkit.history.store import Store
from hangar_devkit.history.update import update

HERE = Path(__file__).parent
TRUTH = {
    "a_victims": ORDER, "c_brittle": ORDER, "d_twice": ORDER,
    "race": TIME, "clock": TIME, "zone": TIME,
    "hash": RANDOM, "random": RANDOM,
    "machine": RESOURCE, "listing": RESOURCE,
}  # fmt: skip
ZONES = ["UTC"] * 6 + ["Europe/Berlin"] * 2 + ["Asia/Tokyo"] * 2
DAY = 86_400
BEGIN = 1_790_000_000.0  # in September 2026
COMMON = 0.05
"""Rate of failure from which on a flaky test is expected to be found."""


def truth(nodeid: str) -> str:
    """Return the kind that a test was made to have, "" for a sound one."""
    return TRUTH.get(Path(nodeid.partition("::")[0]).stem.removeprefix("test_"), "")


def copy_old(source: str, target: str) -> None:
    """Copy a file as one that is older than every run: what changes in a run proves nothing."""
    shutil.copyfile(source, target)
    os.utime(target, (BEGIN, BEGIN))


def run_often(root: Path, runs: int) -> None:
    """Run the suite again and again, each time on what might be another machine."""
    pick = random.Random(1)
    places = root.parent / "tmp", root.parent / "tmp" / "hangar-flaky-suite"
    prices = root / "shop" / "prices.py"
    sound = prices.read_text(encoding="utf-8")
    for run in range(runs):
        broken = runs * 0.4 <= run < runs * 0.5
        text = sound.replace("sum(prices)", "sum(prices[1:])") if broken else sound
        prices.write_text(text, encoding="utf-8")
        os.utime(prices, (BEGIN, BEGIN))
        if pick.random() < 0.5:
            shutil.rmtree(places[1], ignore_errors=True)
        places[1].mkdir(parents=True, exist_ok=True)
        moment = BEGIN + (run + pick.random()) * DAY * 0.9
        environment = {
            **os.environ,
            "PYTHONPATH": str(HERE / "flaky_surroundings"),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "SURROUNDINGS_SEED": str(run),
            "SURROUNDINGS_NOW": str(moment),
            "SURROUNDINGS_SHUFFLE": "1" if run % 2 else "",
            "SHOP_LOCK": str(places[0] / "hangar-flaky-suite.lock"),
            "TMPDIR": str(places[0]),
            "TZ": pick.choice(ZONES),
        }
        environment.pop("PYTHONHASHSEED", None)
        command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider"]
        command += ["-p", "surroundings", "-p", "hangar_devkit.history.plugin"]
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 1 or "not recorded" in done.stdout:
            raise SystemExit(f"run {run} ended with {done.returncode}:\n{done.stdout[-2000:]}")


def rates(store: Store) -> dict[str, float]:
    """Return how often each test failed."""
    rows = store.connection.execute(
        "SELECT nodeid, avg(outcome IN (1, 2)) FROM result JOIN test ON test.id=result.test"
        " WHERE outcome IN (0, 1, 2) GROUP BY test.id"
    )
    return dict(rows)


def score(root: Path) -> dict[str, object]:
    """Compare what the history says with the truth."""
    with Store(root / STORE, create=False) as store:
        without = update(store, full=True).kinds
        findings = update(store, full=True, root=root)
        seen = rates(store)
    called = {n for n, verdict in findings.verdicts.items() if verdict.verdict == "flaky"}
    common = {n for n, rate in seen.items() if truth(n) and COMMON <= rate < 1}
    rows = [
        {
            "test": nodeid.removeprefix("tests/"), "rate": round(seen[nodeid], 2),
            "truth": truth(nodeid), "found": nodeid in called,
            "kind": findings.kinds[nodeid].name if nodeid in findings.kinds else "",
            "reason": findings.kinds[nodeid].reason if nodeid in findings.kinds else "",
        }
        for nodeid in sorted(set(seen))
        if truth(nodeid) or nodeid in called
    ]  # fmt: skip
    told = [row for row in rows if row["found"] and row["truth"]]
    right = Counter(row["truth"] for row in told if row["kind"] == row["truth"])
    untold = sum(row["kind"] == "unknown" for row in told)
    return {
        "tests": len(seen), "seeded": sum(bool(truth(n)) for n in seen), "common": len(common),
        "called": len(called), "precision": sum(bool(truth(n)) for n in called) / len(called),
        "recall": len(called & common) / len(common),
        "kind": right.total() / len(told), "untold": untold / len(told),
        "kind_without_sources": sum(without[n].name == truth(n) for n in called) / len(called),
        "kind_of_told": right.total() / (len(told) - untold),
        "each": {
            kind: [right[kind], sum(row["truth"] == kind for row in told)]
            for kind in sorted(set(TRUTH.values()))
        },
        "rows": rows,
    }  # fmt: skip


def main() -> None:
    """Run, score and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="where to leave the project and its history")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = (options.keep or Path(name)) / "shop"
        if not root.exists():
            shutil.copytree(HERE / "flaky_suite", root, copy_function=copy_old)
            run_often(root, options.runs)
        found = score(root)
    print(json.dumps(found))
    for row in found["rows"]:
        print(
            f"{row['test']:45} {row['rate']:.2f} {row['truth']:16} {row['kind']:16} {row['reason']}"
        )


if __name__ == "__main__":
    main()
