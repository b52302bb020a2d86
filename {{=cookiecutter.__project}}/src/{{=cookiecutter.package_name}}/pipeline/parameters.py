"""Schema of `conf/*/parameters.yml`: every key with its type and range."""

from typing import Annotated, Literal

from pydantic import Field

from ..edge import Contract
from ..models.parameters import (
    Callbacks,
    Contamination,
    ModelParameters,
    Scaling,
    Seed,
)
from .declaration import Execution, GroupSplit, RandomSplit, TimeSplit, Tracking

Share = Annotated[float, Field(gt=0, lt=1)]


class SeededReadings(Contract):
    """Readings generated from a seed, similar to the sample data of the project."""

    type: Literal["seeded"] = "seeded"
    days: int = Field(default=60, ge=2, le=3650, description="Length of the series.")
    seed: Seed = 0


class FileReadings(Contract):
    """Readings from a CSV file."""

    type: Literal["file"] = "file"
    path: str = Field(min_length=1, description="Path relative to the project.")


class Data(Contract):
    """Source of the readings."""

    source: SeededReadings | FileReadings = Field(discriminator="type")


class Features(Contract):
    """How to turn readings into windows: consecutive readings of all sources."""

    sources: tuple[str, ...] = Field(
        min_length=1, strict=False, description="Sources, in the order of the features."
    )
    step: int = Field(default=15, ge=1, le=10_080, description="Minutes between two readings.")
    length: int = Field(default=8, ge=1, le=10_000, description="Readings per source.")
    stride: int = Field(
        default=8, ge=1, le=10_000, description="Readings between the starts of two windows."
    )


class Split(Contract):
    """Which windows to hold out from the training, for validation and test."""

    method: RandomSplit | GroupSplit | TimeSplit = Field(discriminator="type")


class Faults(Contract):
    """Artificial faults in some of the held-out windows, to be detected."""

    share: Share = Field(default=0.5, description="Share of the windows.")
    types: tuple[Literal["spike", "shift", "drift", "noise"], ...] = Field(
        default=("spike", "shift", "drift", "noise"),
        min_length=1,
        strict=False,
        description="Types of faults, used in turn.",
    )
    strength: float = Field(
        default=1.0, gt=0, le=1000, description="Strength in standard deviations of the source."
    )
    seed: Seed = 0


class Training(Contract):
    """The detector and its training."""

    model: ModelParameters
    scaling: Scaling = "standard"
    contamination: Contamination = 0.01
    seed: Seed = 0
    callbacks: Callbacks = Callbacks()


Metric = Literal["roc_auc", "average_precision", "precision", "recall", "f1"]


class Evaluation(Contract):
    """Metrics, baselines and the quality gate."""

    metrics: tuple[Metric, ...] = Field(min_length=1, strict=False, description="Metrics to log.")
    baselines: dict[str, ModelParameters] = Field(description="Detectors to compare with, by name.")
    tolerance: float = Field(
        default=0.01, ge=0, le=1, description="Maximum ROC-AUC below the best baseline."
    )
    least: float = Field(default=0.5, ge=0, le=1, description="Minimum ROC-AUC.")
    draws: int = Field(
        default=200, ge=0, le=100_000, description="Bootstrap draws of an interval; 0 for none."
    )
    block: int = Field(
        default=8, ge=1, le=100_000, description="Consecutive windows to draw together."
    )


class Parameters(Contract):
    """All parameters of the configuration."""

    data: Data
    features: Features
    split: Split
    faults: Faults
    training: Training
    evaluation: Evaluation
    tracking: Tracking
    execution: Execution
