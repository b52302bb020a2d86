"""A walk-forward forecast of the temperature of the sea, by a model of statsmodels.

Monthly means of the surface of the eastern Pacific, 1950 to 2010, which statsmodels ships.
"""

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import polars as pl
from pydantic import Field
from statsmodels.datasets import elnino
from statsmodels.regression.linear_model import OLS

from ...edge import Contract, TableRules
from .. import declaration, evaluating, splitting
from ..declaration import Objective

OBJECTIVE = Objective(metric="mae", mode="min")
YEAR = 12


class Parameters(Contract):
    """The section `sea` of the parameters."""

    split: declaration.WalkForward
    lags: int = Field(ge=1, le=120, description="Months before the forecast month.")
    metrics: tuple[str, ...] = Field(min_length=1, strict=False)
    limit: float
    tolerance: float


class Month(Contract):
    """Mean temperature of a month."""

    table: ClassVar = TableRules(key=("month",), ordered="month", least=13)

    month: date
    celsius: float = Field(ge=-2, le=40)


class Forecast(Contract):
    """Temperature of the month that follows."""

    month: date
    celsius: float


def read() -> pl.DataFrame:
    """Return the series."""
    wide = elnino.load_pandas().data
    rows = [
        {"month": date(int(year), month, 1), "celsius": float(value)}
        for year, *values in wide.to_numpy().tolist()
        for month, value in enumerate(values, start=1)
        if np.isfinite(value)
    ]
    return pl.DataFrame(rows)


def windows(values: np.ndarray, lags: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the months before each forecast month, and that month."""
    view = np.lib.stride_tricks.sliding_window_view(values, lags + 1)
    return view[:, :-1], view[:, -1]


def fit(inputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return intercept and weights of a linear autoregression."""
    return np.asarray(OLS(targets, np.column_stack([np.ones(len(inputs)), inputs])).fit().params)


def forecast(weights: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Return the month that follows each row."""
    return weights[0] + inputs @ weights[1:]


def judge(
    months: pl.DataFrame, parameters: Parameters
) -> tuple[dict[str, float], list[dict[str, Any]], list[dict[str, int]]]:
    """Walk forward: train on the past of each block, and forecast the block."""
    inputs, targets = windows(months["celsius"].to_numpy(), parameters.lags)
    # Only the forecast month must not be shared: its past is known.
    time = np.arange(len(targets), dtype=np.int64)
    folds = splitting.split(parameters.split, splitting.Samples(time, time))
    results: dict[str, list[dict[str, float]]] = {}
    validated = []
    for fold in folds:
        weights, true = fit(inputs[fold.train], targets[fold.train]), targets[fold.test]
        predictions = {
            "autoregression": forecast(weights, inputs[fold.test]),
            "last_month": inputs[fold.test, -1],
            "last_year": inputs[fold.test, -YEAR],
            **evaluating.constants("forecast", targets[fold.train], len(true)),
        }
        for name, each in predictions.items():
            row = evaluating.measure(parameters.metrics, true, each)
            results.setdefault(name, []).append(row)
        held = forecast(weights, inputs[fold.validation])
        validated.append(evaluating.measure(parameters.metrics, targets[fold.validation], held))
    rows = {name: evaluating.over_folds(each) for name, each in results.items()}
    board = evaluating.ranked(rows, OBJECTIVE)
    metrics = dict(rows["autoregression"])
    for name in parameters.metrics:
        metrics[f"validation_{name}"] = float(np.mean([each[name] for each in validated]))
    return metrics, board, [fold.counts() for fold in folds]


def train(months: pl.DataFrame, parameters: Parameters, _accepted: dict[str, Any]) -> list[float]:
    """Train on all months, to forecast the next one."""
    inputs, targets = windows(months["celsius"].to_numpy(), parameters.lags)
    weights: list[float] = fit(inputs, targets).tolist()
    return weights


def accept(board: list[dict[str, Any]], parameters: Parameters) -> dict[str, Any]:
    """Accept the model if it is better than every baseline."""
    limits = {"limit": parameters.limit, "tolerance": parameters.tolerance}
    return evaluating.accept(board, "autoregression", OBJECTIVE, **limits)


class Forecaster:
    """Forecasts the month after each row with enough months before it."""

    def __init__(self, directory: Path, parameters: Mapping[str, Any]) -> None:
        """Read the weights."""
        self._weights = np.array(json.loads((directory / "weights.json").read_text()))
        self._lags = Parameters.model_validate(parameters["sea"], strict=False).lags
        self.unused = 0

    def predict(self, rows: Iterable[Month]) -> Iterator[Forecast]:
        """Yield a forecast as soon as the months before it are known; a gap starts anew."""
        past: deque[Month] = deque(maxlen=self._lags)
        self.unused = 0
        for row in rows:
            if past and row.month != following(past[-1].month):
                past.clear()
            past.append(row)
            if len(past) < self._lags:
                self.unused += 1
                continue
            values = np.array([[each.celsius for each in past]])
            value = float(forecast(self._weights, values)[0])
            yield Forecast(month=following(row.month), celsius=value)


def following(month: date) -> date:
    """Return the month that follows."""
    return date(month.year + month.month // YEAR, month.month % YEAR + 1, 1)
