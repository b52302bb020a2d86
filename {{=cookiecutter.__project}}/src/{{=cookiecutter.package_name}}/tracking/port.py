"""What the project wants of a tracker. MLflow is one; the tests' double is another."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from .record import Record


class TrackingError(Exception):
    """The tracker cannot be reached, or does not have what is asked of it."""


@dataclass(frozen=True)
class Past:
    """What a tracker knows of a run.

    Attributes:
        parameters: The whole tree, as it was given to the run.
        metrics: Each by its name.
        tags: What else decides the outcome: code, data, lock.
    """

    parameters: dict[str, Any]
    metrics: dict[str, float]
    tags: dict[str, str]


class Tracker(Protocol):
    """Keeps runs and models."""

    def deliver(self, record: Record, directory: Path) -> str:
        """Keep a run, register its model if it has one, and return the run's id.

        A delivery that was broken off is taken up again, if the record names its run.

        Raises:
            TrackingError: It cannot be kept; what is on disk is untouched.
        """

    def recall(self, run: str) -> Past:
        """Return what is known of a run; raise TrackingError when there is none."""

    def promote(self, name: str, alias: str, run: str) -> None:
        """Give an alias to the model of a run."""

    def model(self, name: str, alias: str, target: Path) -> Path:
        """Fetch a registered model into a directory, and return where it is.

        Raises:
            TrackingError: There is no such model.
        """
