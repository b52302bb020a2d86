"""Interface of a tracker. MLflow is one implementation, the fake of the tests another."""

from dataclasses import dataclass
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


class Tracker(Protocol):
    """Interface of a tracker of runs and models."""

    def deliver(self, record: Record, directory: Path) -> str:
        """Store a run, register its model if it has one, and return the ID of the run.

        If the record has the ID of a run, resume its interrupted delivery.

        Raises:
            TrackingError: The run cannot be stored; its directory is unchanged.
        """

    def recall(self, run: str) -> PastRun:
        """Return a stored run; raise TrackingError if it does not exist."""

    def promote(self, name: str, alias: str, run: str) -> None:
        """Set an alias on the model of a run."""

    def model(self, name: str, alias: str, target: Path) -> Path:
        """Download a registered model into a directory and return its path.

        Raises:
            TrackingError: The model does not exist.
        """
