"""Use a trained detector: score a stream of readings, window by window, in flat memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, Field

from ...edge import Contract
from ...schemas import Reading
from ..parameters import Features

DETECTOR = "detector.skops"
BATCH = 1024  # number of windows to score at once


class WindowScore(Contract):
    """Score of a window."""

    start: AwareDatetime = Field(description="Time of the first reading.")
    end: AwareDatetime = Field(description="Time of the last reading.")
    score: float = Field(description="Higher is more normal.")
    anomalous: bool = Field(description="Whether the score is below the threshold.")


class WindowPredictor:
    """A detector and the features that it was trained on.

    Attributes:
        unused: Rows of the last prediction that fell into no window.
    """

    def __init__(self, directory: Path, parameters: Mapping[str, Any]) -> None:
        """Read the detector from the directory of a model, trained with these parameters."""
        from ... import anomaly_utils  # slow, not needed to check the configuration

        self._utils = anomaly_utils
        self.features = Features.model_validate(parameters["features"])
        self._detector = anomaly_utils.load(directory / DETECTOR)
        self.unused = 0

    def predict(self, rows: Iterable[Reading]) -> Iterator[WindowScore]:
        """Score readings, ordered by time, and yield a score for each window."""
        import numpy as np

        self.unused = 0
        windows = cut(self._counted(rows), self.features)
        used_until, size = 0, self.features.length
        while batch := [*islice(windows, BATCH)]:
            scores = self._utils.score(self._detector, np.array([each for *_, each in batch]))
            for (number, start, end, _), score in zip(batch, scores.tolist(), strict=True):
                new = min(size, number - used_until)
                self.unused -= new * len(self.features.sources)
                used_until = number
                is_low = score < float(self._detector.offset_)
                yield WindowScore(start=start, end=end, score=score, anomalous=is_low)

    def _counted(self, rows: Iterable[Reading]) -> Iterator[Reading]:
        for row in rows:
            self.unused += 1
            yield row


def cut(
    readings: Iterable[Reading], features: Features
) -> Iterator[tuple[int, datetime, datetime, list[float]]]:
    """Cut a stream of readings into windows, exactly as the training does with a table.

    Yields:
        Number of the last complete row from 1, start, end and values of each window; a gap
        discards an incomplete window.
    """
    step = timedelta(minutes=features.step)
    rows: deque[tuple[datetime, list[float]]] = deque(maxlen=features.length)
    for number, (time, values) in enumerate(_complete(readings, features.sources), start=1):
        if rows and time - rows[-1][0] != step:
            rows.clear()
        rows.append((time, values))
        # Windows start at every `stride` rows of the whole series, as in training.
        if len(rows) == features.length and (number - features.length) % features.stride == 0:
            yield number, rows[0][0], time, [each for _, row in rows for each in row]


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
