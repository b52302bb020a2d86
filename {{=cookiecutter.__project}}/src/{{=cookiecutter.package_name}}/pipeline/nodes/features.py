"""Prepare features: windows of readings, the split, and artificial faults."""

import numpy as np
import polars as pl
from jaxtyping import Float64, Int8, Int64
from numpy.lib.stride_tricks import sliding_window_view

from ...edge import EdgeError
from ...edge.arrays import ArrayContract
from .. import parameters as declared

MINUTE = 60_000_000  # microseconds
DAY = 24 * 60 * MINUTE
Generator = np.random.Generator


class TimedWindows(ArrayContract):
    """Windows of readings; a row has `length` readings of every source."""

    windows: Float64[np.ndarray, "window feature"]
    starts: Int64[np.ndarray, " window"]  # microseconds since 1970, UTC


class JudgedWindows(ArrayContract):
    """Windows with labels: 1 is faulty, 0 is normal."""

    windows: Float64[np.ndarray, "window feature"]
    starts: Int64[np.ndarray, " window"]
    labels: Int8[np.ndarray, " window"]


def cut(readings: pl.DataFrame, features: declared.Features) -> TimedWindows:
    """Cut readings into windows in which all sources have a reading at every step.

    Args:
        readings: A table of readings, ordered by time.
        features: The sources and the size of a window.

    Returns:
        The complete windows, ordered by time.

    Raises:
        EdgeError: A source has no readings, or no window is complete.
    """
    wide = readings.pivot(on="source", index="time", values="value", maintain_order=True)
    if missing := [name for name in features.sources if name not in wide.columns]:
        raise EdgeError(f"no readings of {', '.join(missing)} (features.sources)")
    complete = wide.select("time", *features.sources).drop_nulls().sort("time")
    times = complete["time"].dt.epoch("us").to_numpy()
    values = complete.select(features.sources).to_numpy().astype(np.float64)
    if len(times) < features.length:
        raise EdgeError(f"{len(times)} complete readings; a window has {features.length}")
    first = np.arange(0, len(times) - features.length + 1, features.stride)
    if features.length > 1:
        has_next = np.diff(times) == features.step * MINUTE
        gapless = sliding_window_view(has_next, features.length - 1).min(axis=1)
        first = first[gapless[first]]
    if not len(first):
        raise EdgeError(f"no {features.length} consecutive readings without a gap")
    rows = first[:, None] + np.arange(features.length)
    return TimedWindows(windows=values[rows].reshape(len(first), -1), starts=times[first])


def part(windows: TimedWindows, split: declared.Split) -> tuple[TimedWindows, TimedWindows]:
    """Split the windows into training and held-out windows.

    Raises:
        EdgeError: One of the two sets would be empty.
    """
    method, count = split.method, len(windows.starts)
    if isinstance(method, declared.GroupSplit):
        size = DAY if method.by == "day" else 7 * DAY
        groups, member = np.unique(windows.starts // size, return_inverse=True)
        mask = _random_mask(len(groups), method.held_out, np.random.default_rng(method.seed))[
            member
        ]
    elif isinstance(method, declared.RandomSplit):
        mask = _random_mask(count, method.held_out, np.random.default_rng(method.seed))
    else:
        mask = np.arange(count) >= round(count * (1 - method.held_out))
    if mask.all() or not mask.any():
        raise EdgeError(f"{count} windows are too few to hold out {method.held_out:.0%}")
    return _select(windows, ~mask), _select(windows, mask)


def damage(
    held_out: TimedWindows,
    train: TimedWindows,
    features: declared.Features,
    faults: declared.Faults,
) -> JudgedWindows:
    """Add faults to some of the held-out windows.

    Args:
        held_out: Held-out windows, assumed to be normal.
        train: Training windows, to compute the standard deviation of each source.
        features: Layout of a window.
        faults: Types, share and strength of the faults.

    Returns:
        All held-out windows; the faulty ones have the label 1.
    """
    random = np.random.default_rng(faults.seed)
    width = len(features.sources)
    spread = train.windows.reshape(-1, width).std(axis=0)
    windows = held_out.windows.reshape(-1, features.length, width).copy()
    chosen = _random_mask(len(windows), faults.share, random)
    for number, row in enumerate(np.flatnonzero(chosen)):
        source = int(random.integers(width))
        name = faults.kinds[number % len(faults.kinds)]
        fault = _fault(name, features.length, random)
        windows[row, :, source] += faults.strength * spread[source] * fault
    return JudgedWindows(
        windows=windows.reshape(len(windows), -1),
        starts=held_out.starts,
        labels=chosen.astype(np.int8),
    )


def _fault(name: str, length: int, random: Generator) -> np.ndarray:
    """Return the shape of a fault over one window, of height 1, up or down."""
    shape = np.zeros(length)
    if name == "spike":
        shape[random.integers(length)] = 1
    elif name == "shift":
        shape[length // 2 :] = 1
    elif name == "drift":
        shape = np.linspace(0, 1, length + 1)[1:]
    else:
        shape = random.normal(0, 0.5, length)
    return shape if random.random() < 0.5 else -shape


def _random_mask(count: int, share: float, random: Generator) -> np.ndarray:
    """Return a mask that selects a random share."""
    mask = np.zeros(count, dtype=bool)
    mask[random.permutation(count)[: round(count * share)]] = True
    return mask


def _select(windows: TimedWindows, mask: np.ndarray) -> TimedWindows:
    return TimedWindows(windows=windows.windows[mask], starts=windows.starts[mask])
