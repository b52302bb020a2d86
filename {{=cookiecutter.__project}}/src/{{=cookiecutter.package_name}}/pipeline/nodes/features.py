"""Prepare features: windows of readings, the split, and artificial faults."""

import numpy as np
import polars as pl
from jaxtyping import Float64, Int8, Int64
from numpy.lib.stride_tricks import sliding_window_view

from ...edge import EdgeError
from ...edge.arrays import ArrayContract
from .. import parameters as declared
from .. import splitting
from ..declaration import GroupSplit
from ..splitting import Samples

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


def part(
    windows: TimedWindows, features: declared.Features, split: declared.Split
) -> tuple[TimedWindows, TimedWindows, TimedWindows]:
    """Split the windows into training, validation and test part; purge what overlaps.

    Returns:
        The three parts; that for the validation is empty if `split` asks for none.

    Raises:
        EdgeError: Another part would be empty, or windows overlap and must not.
    """
    method, step = split.method, features.step * MINUTE
    size = 7 * DAY if isinstance(method, GroupSplit) and method.by == "week" else DAY
    samples = Samples(
        starts=windows.starts,
        ends=windows.starts + (features.length - 1) * step,
        step=step,
        groups=windows.starts // size,
    )
    (fold,) = splitting.split(method, samples)
    train, validation, test = fold.train, fold.validation, fold.test
    return _select(windows, train), _select(windows, validation), _select(windows, test)


def damage(
    held_out: TimedWindows,
    train: TimedWindows,
    features: declared.Features,
    faults: declared.Faults,
) -> JudgedWindows:
    """Add faults to some windows of the validation or the test part.

    Args:
        held_out: Windows of the part, assumed to be normal.
        train: Training windows, to compute the standard deviation of each source.
        features: Layout of a window.
        faults: Types, share and strength of the faults.

    Returns:
        All windows of the part; the faulty ones have the label 1.

    Raises:
        EdgeError: All windows are faulty, or none.
    """
    random = np.random.default_rng(faults.seed)
    width = len(features.sources)
    spread = train.windows.reshape(-1, width).std(axis=0)
    windows = held_out.windows.reshape(-1, features.length, width).copy()
    chosen = splitting.random_mask(len(windows), faults.share, random)
    if len(windows) and (chosen.all() or not chosen.any()):
        raise EdgeError(
            f"{chosen.sum()} of {len(windows)} windows are faulty (faults.share): the evaluation "
            "needs normal and faulty ones"
        )
    for number, row in enumerate(np.flatnonzero(chosen)):
        source = int(random.integers(width))
        name = faults.types[number % len(faults.types)]
        fault = _fault(name, features.length, random)
        windows[row, :, source] += faults.strength * spread[source] * fault
    return JudgedWindows(
        windows=windows.reshape(held_out.windows.shape),
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


def _select(windows: TimedWindows, rows: np.ndarray) -> TimedWindows:
    return TimedWindows(windows=windows.windows[rows], starts=windows.starts[rows])
