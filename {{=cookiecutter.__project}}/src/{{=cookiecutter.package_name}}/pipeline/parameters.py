"""What `conf/*/parameters.yml` may say: every key, its type and its range, stated once."""

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

Share = Annotated[float, Field(gt=0, lt=1)]


class SeededReadings(Contract):
    """Readings made by a seed, shaped like those that the project ships."""

    kind: Literal["seeded"] = "seeded"
    days: int = Field(default=60, ge=2, le=3650, description="How long the series is.")
    seed: Seed = 0


class FileReadings(Contract):
    """Readings of a CSV file."""

    kind: Literal["file"] = "file"
    path: str = Field(min_length=1, description="From the project's directory.")


class Data(Contract):
    """Where readings come from."""

    source: SeededReadings | FileReadings = Field(discriminator="kind")


class Features(Contract):
    """How readings become windows: some consecutive readings of all sources."""

    sources: tuple[str, ...] = Field(
        min_length=1, strict=False, description="In the order of the features."
    )
    step: int = Field(default=15, ge=1, le=10_080, description="Minutes between two readings.")
    length: int = Field(default=8, ge=1, le=10_000, description="Readings of a source.")
    stride: int = Field(
        default=8, ge=1, le=10_000, description="Readings between the starts of two windows."
    )


class RandomSplit(Contract):
    """Hold windows out by chance; windows that overlap would tell of each other."""

    kind: Literal["random"] = "random"
    held_out: Share = Field(default=0.3, description="Share of the windows.")
    seed: Seed = 0


class GroupSplit(Contract):
    """Hold whole days or weeks out, by chance."""

    kind: Literal["group"] = "group"
    by: Literal["day", "week"] = Field(default="day", description="What stays together.")
    held_out: Share = Field(default=0.3, description="Share of the groups.")
    seed: Seed = 0


class TimeSplit(Contract):
    """Hold the last windows out."""

    kind: Literal["time"] = "time"
    held_out: Share = Field(default=0.3, description="Share of the windows.")


class Split(Contract):
    """Which windows are kept from the training, to judge it by."""

    method: RandomSplit | GroupSplit | TimeSplit = Field(discriminator="kind")


class Faults(Contract):
    """What is done to some of the windows held out, so that there is something to find."""

    share: Share = Field(default=0.5, description="Share of the windows.")
    kinds: tuple[Literal["spike", "shift", "drift", "noise"], ...] = Field(
        default=("spike", "shift", "drift", "noise"),
        min_length=1,
        strict=False,
        description="In turn.",
    )
    strength: float = Field(
        default=1.0, gt=0, le=1000, description="In standard deviations of the source."
    )
    seed: Seed = 0


class Training(Contract):
    """The detector, and how it is trained."""

    model: ModelParameters
    scaling: Scaling = "standard"
    contamination: Contamination = 0.01
    seed: Seed = 0
    callbacks: Callbacks = Callbacks()


Metric = Literal["roc_auc", "average_precision", "precision", "recall", "f1"]


class Evaluation(Contract):
    """What is measured, and what is good enough."""

    metrics: tuple[Metric, ...] = Field(min_length=1, strict=False, description="To be logged.")
    baselines: dict[str, ModelParameters] = Field(
        description="Detectors to compare with, each under its name."
    )
    tolerance: float = Field(
        default=0.01, ge=0, le=1, description="Most ROC-AUC behind the best baseline."
    )
    least: float = Field(default=0.5, ge=0, le=1, description="Least ROC-AUC.")


class Tracking(Contract):
    """Where runs and models are kept."""

    uri: str = Field(
        pattern=r"^(sqlite:///|postgresql\+psycopg://|https?://)\S+$",
        description="A database or an MLflow server; a SQLite path is from the project.",
    )
    artifacts: str | None = Field(
        default=None, description="Folder for files; a server has its own and wants null."
    )
    experiment: str = Field(min_length=1, description="Name that the runs share.")
    model: str = Field(min_length=1, description="Name in the registry.")
    alias: str = Field(
        default="champion", pattern="^[a-z][a-z0-9_-]*$", description="Given to what is accepted."
    )


class Sequential(Contract):
    """One step after the other."""

    kind: Literal["sequential"] = "sequential"


class Threads(Contract):
    """Steps side by side, in threads."""

    kind: Literal["thread"] = "thread"
    workers: int | None = Field(default=None, ge=1, description="By default, as many as fit.")


class Processes(Contract):
    """Steps side by side, in processes."""

    kind: Literal["parallel"] = "parallel"
    workers: int | None = Field(default=None, ge=1, description="By default, as many as fit.")


class Dask(Contract):
    """Steps on the workers of a Dask scheduler."""

    kind: Literal["dask"] = "dask"
    address: str = Field(pattern=r"^(tcp|tls)://\S+$", description="Of the scheduler.")


class Execution(Contract):
    """What runs the steps."""

    runner: Sequential | Threads | Processes | Dask = Field(discriminator="kind")


class Parameters(Contract):
    """Everything that the configuration declares."""

    data: Data
    features: Features
    split: Split
    faults: Faults
    training: Training
    evaluation: Evaluation
    tracking: Tracking
    execution: Execution
