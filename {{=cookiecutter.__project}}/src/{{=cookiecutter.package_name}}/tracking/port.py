"""Interface of a tracker. MLflow is one implementation, the fake of the tests another."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from .record import Record


class TrackingError(Exception):
    """The tracker is unreachable, or a run or model does not exist."""


@dataclass(frozen=True)
class PastRun:
    """A run that a tracker has stored.

    Attributes:
        parameters: All parameters of the run, nested.
        metrics: Metrics by name.
        tags: Other inputs of the run: code, data, lock file.
    """

    parameters: dict[str, Any]
    metrics: dict[str, float]
    tags: dict[str, str]


@dataclass(frozen=True)
class Version:
    """A version of a registered model.

    Attributes:
        number: Its number, from 1.
        run: ID of the run that trained it.
        started: When that run started.
        metric: Metric of its objective; empty if unknown.
        mode: Whether a higher (`max`) or a lower (`min`) value is better.
        value: Value of that metric; None if unknown.
        data: Digest of the data that the value was measured on; empty if unknown.
        aliases: Its aliases.
    """

    number: int
    run: str
    started: datetime
    metric: str = ""
    mode: str = "max"
    value: float | None = None
    data: str = ""
    aliases: tuple[str, ...] = field(default=())


class Tracker(Protocol):
    """Interface of a tracker of runs and models."""

    def deliver(self, record: Record, directory: Path) -> str:
        """Store a run, register its model without an alias, and return the ID of the run.

        If the record has the ID of a run, resume its interrupted delivery.

        Raises:
            TrackingError: The run cannot be stored; its directory is unchanged.
        """

    def recall(self, run: str) -> PastRun:
        """Return a stored run; raise TrackingError if it does not exist."""

    def versions(self, name: str) -> list[Version]:
        """Return the versions of a model, the newest first; none for an unknown model."""

    def holders(self, name: str, alias: str) -> list[int]:
        """Return the versions that had an alias, in this order; the last one has it now."""

    def assign(self, name: str, alias: str, holders: list[int]) -> None:
        """Give an alias to the last of these versions, and store them as its holders."""

    def model(self, name: str, alias: str, target: Path) -> Path:
        """Download the model with an alias, or with a version number, and return its path.

        Raises:
            TrackingError: The model does not exist.
        """
