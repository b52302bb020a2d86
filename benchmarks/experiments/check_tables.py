"""Time derived table checks, and the same checks written by hand.

Run it in the environment of a project with the ML option:
`python benchmarks/experiments/check_tables.py PACKAGE ROUNDS`.
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import numpy as np
import polars as pl

ROWS = 1_000_000
PATTERN = r"^[a-z][a-z0-9_.-]*$"


def main() -> None:
    """Print the CPU seconds of each round as JSON."""
    package, rounds = sys.argv[1], int(sys.argv[2])
    tables: Any = importlib.import_module(f"{package}.edge.tables")
    contract = importlib.import_module(f"{package}.schemas").Reading
    frame = readings()
    candidates: dict[str, Callable[[], object]] = {
        "fields": lambda: list(tables._value_problems(frame, contract)),  # noqa: SLF001
        "fields_by_hand": lambda: check_fields(frame),
        "whole": lambda: tables.check_table(frame, contract),
        "whole_by_hand": lambda: (check_fields(frame), check_rules(frame)),
    }
    found: dict[str, Any] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, action in candidates.items():
            found[name].append(measure(action))
    print(json.dumps({"rows": ROWS, **found}))


def readings() -> pl.DataFrame:
    """Return a valid table of readings."""
    generator = np.random.default_rng(0)
    start = int(datetime(2026, 1, 5, tzinfo=UTC).timestamp() * 1_000_000)
    time_us = start + np.repeat(np.arange(ROWS // 4), 4) * 60_000_000
    return pl.DataFrame(
        {
            "time": pl.Series(time_us).cast(pl.Datetime("us", "UTC")),
            "source": pl.Series(["boiler-1", "boiler-2", "eth0.packets", "spot"] * (ROWS // 4)),
            "unit": pl.Series(["celsius", "celsius", "packets", "euro"] * (ROWS // 4)),
            "value": generator.uniform(-100_000, 100_000, ROWS),
        }
    )


def check_fields(frame: pl.DataFrame) -> bool:
    """Check the fields, written by hand."""
    value, source = pl.col("value"), pl.col("source")
    return all(
        frame.select(
            pl.all().is_not_null().all().name.prefix("not_null_"),
            long=(source.str.len_chars() <= 64).all(),
            pattern=source.str.contains(PATTERN).all(),
            unit=pl.col("unit").is_in(["celsius", "euro", "packets"]).all(),
            finite=value.is_finite().all(),
            low=(value >= -100_000).all(),
            high=(value <= 100_000).all(),
        ).row(0)
    )


def check_rules(frame: pl.DataFrame) -> bool:
    """Check key and order, written by hand."""
    return frame["time"].is_sorted() and not frame.select("time", "source").is_duplicated().any()


def measure(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a run."""
    before = time.process_time()
    work()
    return time.process_time() - before


if __name__ == "__main__":
    main()
