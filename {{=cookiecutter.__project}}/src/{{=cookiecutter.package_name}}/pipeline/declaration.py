"""What `conf/` declares about any problem: the problem itself, its split, where runs go and happen."""

from importlib import import_module
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from ..edge import Contract
from ..models.parameters import PACKAGE, Seed
from ..tracking.registry import is_better

Task = Literal["anomaly", "classification", "regression", "forecast"]


def imported(name: str) -> Any:  # whatever the project defines
    """Return what a dotted name of this project stands for.

    Raises:
        PydanticCustomError: The name is not of this project, or it does not exist.
    """
    module, _, attribute = name.rpartition(".")
    # A package of a model names these, so only code of the project may be named.
    if module.partition(".")[0] != PACKAGE:
        raise PydanticCustomError("import", f"must be a name in the package {PACKAGE}")
    try:
        return getattr(import_module(module), attribute)
    except (AttributeError, ModuleNotFoundError) as error:
        raise PydanticCustomError("import", f"cannot be imported ({error})") from error


def _is_contract(name: str) -> str:
    if not (isinstance(found := imported(name), type) and issubclass(found, Contract)):
        raise PydanticCustomError("contract", "must be a contract")
    return name


def _is_predictor(name: str) -> str:
    if not hasattr(imported(name), "predict"):
        raise PydanticCustomError("predictor", "must be a class with the method `predict`")
    return name


ContractName = Annotated[str, AfterValidator(_is_contract)]
PredictorName = Annotated[str, AfterValidator(_is_predictor)]


class Objective(Contract):
    """What decides which of two models is better."""

    metric: str = Field(min_length=1, description="Metric of the report, by its tracked name.")
    mode: Literal["max", "min"] = Field(description="Whether higher or lower is better.")
    selection: str | None = Field(
        default=None,
        min_length=1,
        description="Metric of the validation part, by which a sweep chooses; not of the test.",
    )

    @property
    def selected(self) -> str:
        """Metric by which a sweep chooses."""
        return self.selection or self.metric

    def is_better(self, value: float, other: float) -> bool:
        """Return whether one value is better than another."""
        return is_better(value, other, self.mode)


class Problem(Contract):
    """What a pipeline solves."""

    task: Task
    name: str | None = Field(
        default=None,
        min_length=1,
        description="Experiment and registered model; default: those in `tracking`.",
    )
    inputs: ContractName = Field(description="Contract of a row to predict from.")
    outputs: ContractName = Field(description="Contract of a prediction.")
    target: str = Field(description="Field of a prediction that has the result.")
    objective: Objective
    predictor: PredictorName = Field(description="Class that predicts with a trained model.")
    data: tuple[str, ...] = Field(
        min_length=1, strict=False, description="Datasets that identify the data of a run."
    )
    model: str = Field(description="Dataset with the trained model, in the directory `model`.")
    metrics: str = Field(description="Dataset of type Metrics with the metric of the objective.")
    drift: float | None = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="Largest distance of inputs from the training data; null to compare nothing.",
    )

    def datasets(self) -> tuple[str, ...]:
        """Return the datasets that the pipeline must have."""
        return (*self.data, self.model, self.metrics)

    @model_validator(mode="after")
    def _has_target(self) -> Self:
        fields = imported(self.outputs).model_fields
        if self.target not in fields:
            raise PydanticCustomError(
                "target",
                f"has a target that is not in outputs; expected one of {', '.join(fields)}",
            )
        return self


class Held(Contract):
    """What all ways to split have in common."""

    held_out: float = Field(default=0.3, gt=0, lt=1, description="Share of the test part.")
    validation: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="Share of the rest for early stopping and sweeps; 0 for no validation part.",
    )
    gap: int = Field(
        default=0, ge=0, description="Steps to leave out of the training before a judged sample."
    )
    embargo: int = Field(
        default=0, ge=0, description="Steps to leave out of the training after a judged sample."
    )
    overlap: Literal["purge", "refuse"] = Field(
        default="purge", description="What to do with training samples that overlap a judged one."
    )


class RandomSplit(Held):
    """Hold out random samples."""

    type: Literal["random"] = "random"
    seed: Seed = 0


class GroupSplit(Held):
    """Hold out random groups, such as days; the samples of a group stay together."""

    type: Literal["group"] = "group"
    by: Literal["day", "week"] = Field(default="day", description="What a group of windows is.")
    seed: Seed = 0


class TimeSplit(Held):
    """Hold out the last samples."""

    type: Literal["time"] = "time"


class WalkForward(Held):
    """Test on consecutive blocks of the last samples, each time trained on what was before."""

    type: Literal["walk_forward"] = "walk_forward"
    folds: int = Field(default=5, ge=2, le=1000, description="Number of blocks.")
    window: Literal["expanding", "rolling"] = Field(
        default="expanding", description="Train on all earlier samples, or on the same number."
    )


Method = Annotated[RandomSplit | GroupSplit | TimeSplit | WalkForward, Field(discriminator="type")]


class Tracking(Contract):
    """Where to store runs and models."""

    uri: str = Field(
        pattern=r"^(sqlite:///|postgresql\+psycopg://|https?://)\S+$",
        description="A database or an MLflow server; a SQLite path is relative to the project.",
    )
    artifacts: str | None = Field(
        default=None, description="Directory for files; null for a server, which has its own."
    )
    experiment: str = Field(min_length=1, description="Name of the experiment, which groups runs.")
    model: str = Field(min_length=1, description="Name of the model in the registry.")
    alias: str = Field(
        default="champion", pattern="^[a-z][a-z0-9_-]*$", description="Alias of an accepted model."
    )


class Sequential(Contract):
    """Run steps one after the other."""

    type: Literal["sequential"] = "sequential"


class Threads(Contract):
    """Run steps in parallel, in threads."""

    type: Literal["thread"] = "thread"
    workers: int | None = Field(
        default=None, ge=1, le=1024, description="Number of workers; chosen by Kedro if null."
    )


class Processes(Contract):
    """Run steps in parallel, in processes."""

    type: Literal["parallel"] = "parallel"
    workers: int | None = Field(
        default=None, ge=1, le=1024, description="Number of workers; chosen by Kedro if null."
    )


class Dask(Contract):
    """Run steps on the workers of a Dask scheduler."""

    type: Literal["dask"] = "dask"
    address: str = Field(pattern=r"^(tcp|tls)://\S+$", description="Address of the scheduler.")


class Execution(Contract):
    """How to run the steps."""

    runner: Sequential | Threads | Processes | Dask = Field(discriminator="type")
