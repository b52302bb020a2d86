"""A classifier of wines by their chemistry: 178 wines of three cultivars, from scikit-learn."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from pydantic import Field
from sklearn.datasets import load_wine

from ...edge import Contract
from ...models import files
from ...models.parameters import OwnModel, own_module
from .. import declaration, evaluating, splitting
from ..declaration import Objective

CULTIVARS = ("first", "second", "third")
OBJECTIVE = Objective(metric="balanced_accuracy", mode="max")


class Parameters(Contract):
    """The section `wine` of the parameters."""

    split: declaration.Method
    model: OwnModel
    metrics: tuple[str, ...] = Field(min_length=1, strict=False)
    limit: float
    tolerance: float


class Wine(Contract):
    """Chemistry of a wine."""

    alcohol: float = Field(gt=0, lt=100)
    malic_acid: float = Field(gt=0)
    magnesium: float = Field(gt=0)
    flavanoids: float = Field(ge=0)
    color_intensity: float = Field(gt=0)
    hue: float = Field(gt=0)
    proline: float = Field(gt=0)


class LabelledWine(Wine):
    """A wine with its cultivar, for the training."""

    cultivar: Literal["first", "second", "third"]


class Cultivar(Contract):
    """A prediction."""

    cultivar: Literal["first", "second", "third"]
    probability: float = Field(ge=0, le=1)


INPUTS = [*Wine.model_fields]


def read() -> pl.DataFrame:
    """Return the data set, which scikit-learn ships."""
    data = load_wine()
    frame = pl.DataFrame(dict(zip(data.feature_names, data.data.T, strict=True)))
    names = pl.Series("cultivar", [CULTIVARS[each] for each in data.target])
    return frame.select(INPUTS).with_columns(names)


Parts = dict[str, list[int]]


def parts(wines: pl.DataFrame, parameters: Parameters) -> Parts:
    """Split the wines; return the rows of each part."""
    order = np.arange(len(wines), dtype=np.int64)
    (fold,) = splitting.split(parameters.split, splitting.Samples(order, order))
    return {name: getattr(fold, name).tolist() for name in ("train", "validation", "test")}


def train(wines: pl.DataFrame, rows: Parts, parameters: Parameters) -> Any:
    """Train the model that conf/ names."""
    inputs, targets = wines[INPUTS].to_numpy(), wines["cultivar"].to_numpy().astype(str)
    model = own_module(parameters.model.type).Model(parameters.model)
    return model.fit(inputs[rows["train"]], targets[rows["train"]])


def judge(
    wines: pl.DataFrame, rows: Parts, model: Any, parameters: Parameters
) -> tuple[dict[str, float], list[dict[str, Any]]]:
    """Measure the model on both parts, with an interval, beside the baseline."""
    inputs, targets = wines[INPUTS].to_numpy(), wines["cultivar"].to_numpy().astype(str)
    names, true = parameters.metrics, targets[rows["test"]]
    predicted = model.predict(inputs[rows["test"]])
    own = evaluating.measure(names, true, predicted)
    simple = evaluating.constants("classification", targets[rows["train"]], len(true))
    board = {name: evaluating.measure(names, true, each) for name, each in simple.items()}

    def accuracy(drawn: np.ndarray) -> float:
        return float((true[drawn] == predicted[drawn]).mean())

    low, high = evaluating.interval(accuracy, len(true))
    validation = targets[rows["validation"]], model.predict(inputs[rows["validation"]])
    validated = evaluating.measure(names, *validation)
    metrics = own | {"accuracy_low": low, "accuracy_high": high}
    metrics |= {f"validation_{name}": value for name, value in validated.items()}
    return metrics, evaluating.ranked({"classifier": own, **board}, OBJECTIVE)


def accept(board: list[dict[str, Any]], parameters: Parameters) -> dict[str, Any]:
    """Accept the model if it is better than the baseline."""
    limits = {"limit": parameters.limit, "tolerance": parameters.tolerance}
    return evaluating.accept(board, "classifier", OBJECTIVE, **limits)


class Classifier:
    """Predicts with a trained model."""

    def __init__(self, directory: Path, parameters: Mapping[str, Any]) -> None:
        """Read the model."""
        self._model = files.read(directory / "classifier.skops")
        self.unused = 0

    def predict(self, rows: Iterable[Wine]) -> Iterator[Cultivar]:
        """Yield a prediction for each row."""
        iterator = iter(rows)
        while batch := [*islice(iterator, 1000)]:
            values = np.array([[getattr(row, name) for name in INPUTS] for row in batch])
            probabilities = self._model.probabilities(values).max(axis=1)
            classes = self._model.predict(values)
            for name, probability in zip(classes.tolist(), probabilities.tolist(), strict=True):
                yield Cultivar(cultivar=name, probability=min(probability, 1.0))
