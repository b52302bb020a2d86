"""What a sweep in `conf/*/sweeps.yml` declares, and the point that it tries next.

The next point depends only on the declaration and on the points so far. A sweep that was
interrupted therefore goes on as if nothing had happened.
"""

import itertools
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ..edge import Contract
from ..models.parameters import Seed

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

Point = dict[str, Any]
Points = Annotated[int, Field(ge=1, le=100_000, description="Number of points.")]
MOST = 100_000  # points of a grid


class Range(Contract):
    """Values between two limits. Whole limits give whole numbers."""

    low: int | float
    high: int | float
    step: int | float | None = Field(default=None, gt=0, description="Distance of two values.")
    log: bool = Field(default=False, description="Whether each factor is equally likely.")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.low >= self.high:
            raise PydanticCustomError("range", "must have a low below its high")
        if self.log and (self.low <= 0 or self.step):
            raise PydanticCustomError("range", "with log must be above 0 and have no step")
        return self

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        return all(isinstance(each, int) for each in (self.low, self.high, self.step or 1))

    @property
    def steps(self) -> int:
        """Number of steps from low to high."""
        step = self.step or 1
        return math.floor((self.high - self.low) / step + 1e-9)


def _axis(declared: object) -> Any:
    """Check an axis: a list of values, or a range."""
    if isinstance(declared, (Range, tuple)):
        return declared
    if isinstance(declared, list):
        if not declared:
            raise PydanticCustomError("axis", "has no values")
        return tuple(declared)
    if isinstance(declared, Mapping):
        try:
            return TypeAdapter(Range).validate_python(dict(declared))
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the range"
            raise PydanticCustomError(
                "axis", f"is not a valid range of low, high, step and log: {place}: {first['msg']}"
            ) from error
    raise PydanticCustomError("axis", "must be a list of values or a range {low: …, high: …}")


Axis = Annotated[Any, BeforeValidator(_axis)]


class Grid(Contract):
    """Try every combination."""

    type: Literal["grid"] = "grid"


class Random(Contract):
    """Draw points at random."""

    type: Literal["random"] = "random"
    points: Points = 20
    seed: Seed = 0


class Optuna(Contract):
    """Let Optuna choose points by the values of the earlier ones; needs the extra `optuna`."""

    type: Literal["optuna"] = "optuna"
    points: Points = 20
    seed: Seed = 0


class Sweep(Contract):
    """A sweep: how to search, and an axis for each parameter, by its dotted key."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Axis]

    search: Grid | Random | Optuna = Field(default=Grid(), discriminator="type")
    workers: int = Field(default=1, ge=1, le=256, description="Points to run at the same time.")

    @property
    def axes(self) -> dict[str, Any]:
        """Values or range of each parameter."""
        return dict(self.__pydantic_extra__ or {})

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if not self.axes:
            raise PydanticCustomError("axis", "has no axis, such as `training.seed: [1, 2]`")
        if isinstance(self.search, Optuna) and find_spec("optuna") is None:
            raise PydanticCustomError(
                "not_installed", "needs Optuna: uv sync --inexact --extra optuna"
            )
        if isinstance(self.search, Grid):
            for name, axis in self.axes.items():
                if isinstance(axis, Range) and not (axis.step or axis.is_whole):
                    raise PydanticCustomError("axis", f"is a grid: give {name} a step, or a list")
            if self.size > MOST:
                raise PydanticCustomError("axis", f"has {self.size} points; at most {MOST}")
        return self

    @property
    def size(self) -> int:
        """Number of points."""
        if isinstance(self.search, Grid):
            return math.prod(
                axis.steps + 1 if isinstance(axis, Range) else len(axis)
                for axis in self.axes.values()
            )
        return self.search.points

    @property
    def batch(self) -> int:
        """Number of points that are chosen by the values of the same points before them."""
        return self.workers if isinstance(self.search, Optuna) else self.size

    def extremes(self) -> Iterator[Point]:
        """Yield points that have every listed value and both ends of every range."""
        ends = {
            name: (axis.low, axis.high) if isinstance(axis, Range) else axis
            for name, axis in self.axes.items()
        }
        first = {name: values[0] for name, values in ends.items()}
        for name, values in ends.items():
            for value in values:
                yield {**first, name: value}


def next_point(
    sweep: Sweep, tried: Sequence[tuple[Point, float | None]], mode: Literal["max", "min"]
) -> Point | None:
    """Return the next point of a sweep.

    Args:
        sweep: The sweep.
        tried: Points so far in their order, with their values; None for one that failed or runs.
        mode: Whether higher or lower values are better.

    Returns:
        Values by dotted keys; None after the last point.
    """
    number = len(tried)
    if number >= sweep.size:
        return None
    if isinstance(sweep.search, Grid):
        values = [
            [_stepped(axis, step) for step in range(axis.steps + 1)]
            if isinstance(axis, Range)
            else axis
            for axis in sweep.axes.values()
        ]
        chosen = next(itertools.islice(itertools.product(*values), number, None))
        return dict(zip(sweep.axes, chosen, strict=True))
    if isinstance(sweep.search, Random):
        drawn = random.Random(f"{sweep.search.seed} {number}")  # noqa: S311 (not for security)
        return {name: _draw(axis, drawn) for name, axis in sweep.axes.items()}
    return _by_optuna(sweep, tried, mode, sweep.search.seed + number)


def _stepped(axis: Range, steps: int) -> int | float:
    value = axis.low + steps * (axis.step or 1)
    return int(value) if axis.is_whole else value


def _draw(axis: Any, drawn: random.Random) -> Any:
    if not isinstance(axis, Range):
        return drawn.choice(axis)
    if axis.step:
        return _stepped(axis, drawn.randint(0, axis.steps))
    if axis.log:
        value = math.exp(drawn.uniform(math.log(axis.low), math.log(axis.high)))
        value = min(max(value, axis.low), axis.high)
        return round(value) if axis.is_whole else value
    return (
        drawn.randint(int(axis.low), int(axis.high))
        if axis.is_whole
        else drawn.uniform(axis.low, axis.high)
    )


def _by_optuna(
    sweep: Sweep,
    tried: Sequence[tuple[Point, float | None]],
    mode: Literal["max", "min"],
    seed: int,
) -> Point:
    import optuna  # an extra

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    axes = {name: _distribution(axis) for name, axis in sweep.axes.items()}
    study = optuna.create_study(
        direction="maximize" if mode == "max" else "minimize",
        # A new seed for each point: the next one depends only on the points so far.
        sampler=optuna.samplers.TPESampler(seed=seed % 2**32),
    )
    study.add_trials([_trial(sweep, axes, point, value) for point, value in tried])
    params = study.ask(axes).params
    return {
        name: params[name] if isinstance(axis, Range) else axis[params[name]]
        for name, axis in sweep.axes.items()
    }


def _distribution(axis: Any) -> "BaseDistribution":
    from optuna import distributions  # an extra

    if not isinstance(axis, Range):  # by position, as values may be lists
        return distributions.CategoricalDistribution(range(len(axis)))
    if axis.is_whole:
        step = int(axis.step or 1)
        return distributions.IntDistribution(int(axis.low), int(axis.high), axis.log, step)
    return distributions.FloatDistribution(axis.low, axis.high, axis.log, axis.step)


def _trial(
    sweep: Sweep, axes: dict[str, "BaseDistribution"], point: Point, value: float | None
) -> "FrozenTrial":
    from optuna.trial import TrialState, create_trial  # an extra

    params = {
        name: point[name] if isinstance(axis, Range) else axis.index(point[name])
        for name, axis in sweep.axes.items()
    }
    state = TrialState.FAIL if value is None else TrialState.COMPLETE
    return create_trial(params=params, distributions=axes, value=value, state=state)
