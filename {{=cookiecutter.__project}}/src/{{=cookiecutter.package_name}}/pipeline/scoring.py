"""Score a stream of validated readings, window by window, in flat memory."""

import json
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np
from pydantic import AwareDatetime, Field, ValidationError

from .. import anomaly_utils
from ..edge import Contract, EdgeError, Load, saving
from ..schemas import Reading
from .packaging import DETECTOR, FEATURES
from .parameters import Features

BATCH = 1024  # number of windows to score at once


class WindowScore(Contract):
    """Score of a window."""

    start: AwareDatetime = Field(description="Time of the first reading.")
    end: AwareDatetime = Field(description="Time of the last reading.")
    score: float = Field(description="Higher is more normal.")
    anomalous: bool = Field(description="Whether the score is below the threshold.")


class Model:
    """A detector and the features that it was trained on.

    Attributes:
        features: How to turn readings into windows.
    """

    def __init__(self, directory: Path) -> None:
        """Read a model from a directory.

        Raises:
            EdgeError: The directory contains no model of this project.
        """
        try:
            text = (directory / FEATURES).read_text(encoding="utf-8")
            self.features = Features.model_validate(json.loads(text))
            self._detector = anomaly_utils.load(directory / DETECTOR)
        except (OSError, ValidationError, ValueError) as error:
            raise EdgeError(f"{directory} is not a model of this project: {error}") from error

    def score(self, readings: Iterable[Reading]) -> Iterator[WindowScore]:
        """Score readings, ordered by time, and yield a score for each window."""
        windows = cut(readings, self.features)
        while batch := [*islice(windows, BATCH)]:
            values = np.array([each for _, _, each in batch])
            scores = anomaly_utils.score(self._detector, values)
            for (start, end, _), score in zip(batch, scores.tolist(), strict=True):
                is_low = score < float(self._detector.offset_)
                yield WindowScore(start=start, end=end, score=score, anomalous=is_low)


def cut(
    readings: Iterable[Reading], features: Features
) -> Iterator[tuple[datetime, datetime, list[float]]]:
    """Cut a stream of readings into windows, exactly as the training does with a table.

    Yields:
        Start, end and values of each window; a gap discards an incomplete window.
    """
    step = timedelta(minutes=features.step)
    rows: deque[tuple[datetime, list[float]]] = deque(maxlen=features.length)
    for number, (time, values) in enumerate(_complete(readings, features.sources), start=1):
        if rows and time - rows[-1][0] != step:
            rows.clear()
        rows.append((time, values))
        # Windows start at every `stride` rows of the whole series, as in training.
        if len(rows) == features.length and (number - features.length) % features.stride == 0:
            yield rows[0][0], time, [each for _, row in rows for each in row]


def score_file(file: Path, model: Path, output: Path, rejects: Path) -> str:
    """Score a file of readings and write the scores to a CSV file.

    Args:
        file: CSV, JSON or JSON Lines file.
        model: Directory of a model.
        output: File for the scores.
        rejects: File for invalid rows.

    Returns:
        A summary in one line.

    Raises:
        EdgeError: The file or the model cannot be read, or there is no complete window.
    """
    load = Load(file, Reading, rejects=rejects)
    windows = anomalous = 0
    with saving(output, WindowScore) as write:
        for each in Model(model).score(load):
            write(each)
            windows += 1
            anomalous += each.anomalous
        if not windows:
            raise EdgeError(f"{file}: no complete window")
    rows = f"{load.read} rows: {load.accepted} valid, {load.rejected} invalid"
    return f"{rows}; {windows} windows, {anomalous} anomalous, in {output}"


def _complete(
    readings: Iterable[Reading], sources: tuple[str, ...]
) -> Iterator[tuple[datetime, list[float]]]:
    """Yield time and values where every source has a reading."""
    now: datetime | None = None
    row: dict[str, float] = {}
    for reading in readings:
        if reading.time != now:
            now, row = reading.time, {}
        if reading.source in sources:
            row[reading.source] = reading.value
            if len(row) == len(sources):
                yield now, [row[source] for source in sources]
