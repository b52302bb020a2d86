"""The features: windows of readings, those that are held out, and the faults put into them."""

import numpy as np
import polars as pl
from jaxtyping import Float64, Int8, Int64
from numpy.lib.stride_tricks import sliding_window_view

from ...edge import EdgeError
from ...edge.arrays import ArrayContract
from .. import parameters as stated

MINUTE = 60_000_000  # microseconds
DAY = 24 * 60 * MINUTE
Generator = np.random.Generator


class TimedWindows(ArrayContract):
    """Windows of readings; a row has `length` readings, each of all sources."""

    windows: Float64[np.ndarray, "window feature"]
    starts: Int64[np.ndarray, " window"]  # microseconds since 1970, UTC


class JudgedWindows(ArrayContract):
    """Windows of which it is known whether they are faulty: 1 is faulty, 0 is not."""

    windows: Float64[np.ndarray, "window feature"]
    starts: Int64[np.ndarray, " window"]
    labels: Int8[np.ndarray, " window"]


def cut(readings: pl.DataFrame, features: stated.Features) -> TimedWindows:
    """Cut readings into windows, where all sources have a reading at every step.

    Args:
        readings: A table of readings, ordered by time.
        features: The sources and the size of a window.

    Returns:
        The windows that are complete, in the order of time.

    Raises:
        EdgeError: A source has no readings, or no window is complete.
    """
    wide = readings.pivot(on="source", index="time", values="value", maintain_order=True)
    if absent := [name for name in features.sources if name not in wide.columns]:
        raise EdgeError(f"no readings of {', '.join(absent)} (features.sources)")
    whole = wide.select("time", *features.sources).drop_nulls().sort("time")
    times = whole["time"].dt.epoch("us").to_numpy()
    values = whole.select(features.sources).to_numpy().astype(np.float64)
    if len(times) < features.length:
        raise EdgeError(f"{len(times)} complete readings; a window has {features.length}")
    first = np.arange(0, len(times) - features.length + 1, features.stride)
    if features.length > 1:
        follows = np.diff(times) == features.step * MINUTE
        even = sliding_window_view(follows, features.length - 1).min(axis=1)
        first = first[even[first]]
    if not len(first):
        raise EdgeError(f"no {features.length} readings follow each other without a gap")
    rows = first[:, None] + np.arange(features.length)
    return TimedWindows(windows=values[rows].reshape(len(first), -1), starts=times[first])


def part(windows: TimedWindows, split: stated.Split) -> tuple[TimedWindows, TimedWindows]:
    """Part the windows to train on from those held out.

    Raises:
        EdgeError: One of the two would be empty.
    """
    method, count = split.method, len(windows.starts)
    if isinstance(method, stated.GroupSplit):
        size = DAY if method.by == "day" else 7 * DAY
        groups, member = np.unique(windows.starts // size, return_inverse=True)
        out = _chosen(len(groups), method.held_out, np.random.default_rng(method.seed))[member]
    elif isinstance(method, stated.RandomSplit):
        out = _chosen(count, method.held_out, np.random.default_rng(method.seed))
    else:
        out = np.arange(count) >= round(count * (1 - method.held_out))
    if out.all() or not out.any():
        raise EdgeError(f"{count} windows are too few to hold {method.held_out:.0%} out")
    return _those(windows, ~out), _those(windows, out)


def damage(
    held_out: TimedWindows, train: TimedWindows, features: stated.Features, faults: stated.Faults
) -> JudgedWindows:
    """Put faults into some of the windows held out.

    Args:
        held_out: Windows that are taken for normal.
        train: Windows that say how far each source varies.
        features: How a window is laid out.
        faults: Which faults, how many and how strong.

    Returns:
        All windows held out, the faulty ones labelled 1.
    """
    chance = np.random.default_rng(faults.seed)
    width = len(features.sources)
    spread = train.windows.reshape(-1, width).std(axis=0)
    windows = held_out.windows.reshape(-1, features.length, width).copy()
    chosen = _chosen(len(windows), faults.share, chance)
    for number, row in enumerate(np.flatnonzero(chosen)):
        source = int(chance.integers(width))
        kind = faults.kinds[number % len(faults.kinds)]
        fault = _fault(kind, features.length, chance)
        windows[row, :, source] += faults.strength * spread[source] * fault
    return JudgedWindows(
        windows=windows.reshape(len(windows), -1),
        starts=held_out.starts,
        labels=chosen.astype(np.int8),
    )


def _fault(kind: str, length: int, chance: Generator) -> np.ndarray:
    """Give the form of a fault over one window, of height 1, up or down."""
    form = np.zeros(length)
    if kind == "spike":
        form[chance.integers(length)] = 1
    elif kind == "shift":
        form[length // 2 :] = 1
    elif kind == "drift":
        form = np.linspace(0, 1, length + 1)[1:]
    else:
        form = chance.normal(0, 0.5, length)
    return form if chance.random() < 0.5 else -form


def _chosen(count: int, share: float, chance: Generator) -> np.ndarray:
    """Choose a share by chance, as a mask."""
    mask = np.zeros(count, dtype=bool)
    mask[chance.permutation(count)[: round(count * share)]] = True
    return mask


def _those(windows: TimedWindows, mask: np.ndarray) -> TimedWindows:
    return TimedWindows(windows=windows.windows[mask], starts=windows.starts[mask])
