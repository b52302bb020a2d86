"""Test history, scale: what a million results take.

Bytes for each, and what people wait for, as processor time; that of queries is the 95th percentile.
"""

from bench.figures import Figure, Options
from bench.projects import experiment

WAITS = {
    "queue_ms": ("store read and queue ranked", None),
    "class_page_ms": ("class page", 20),
    "test_history_ms": ("history of a test", 20),
    "end_of_run_update_ms": ("update at a run's end", 100),
}


def figures(options: Options) -> list[Figure]:  # noqa: ARG001 - the queries are repeated anyway
    """Fill a store and ask it."""
    told = experiment("history/scale.py")
    waits = [
        Figure(name, told[key], "ms", of="CPU time", target=target, within=0.5)
        for key, (name, target) in WAITS.items()
        if key in told
    ]
    size = Figure("size of a result", told["bytes_per_result"], "bytes", target=40, within=0.01)
    return [size, *waits, Figure("results", told["results"])]
