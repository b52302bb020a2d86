"""Measure models of any task, with intervals, beside baselines, and rank them."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics

from .declaration import Objective, Task
from .errors import GateError, comparable, table

Integers = NDArray[np.int64]
Values = NDArray[Any]
Metric = Callable[[Values, Values], float]

# Of labels and a score that is higher for the positive class.
RANKINGS: dict[str, Metric] = {
    "roc_auc": metrics.roc_auc_score,
    "average_precision": metrics.average_precision_score,
}
# Of true and predicted classes; for two classes, 1 or True is the positive one.
CLASSES: dict[str, Metric] = {
    "accuracy": metrics.accuracy_score,
    "balanced_accuracy": metrics.balanced_accuracy_score,
    "precision": lambda true, found: metrics.precision_score(true, found, zero_division=0),
    "recall": lambda true, found: metrics.recall_score(true, found, zero_division=0),
    "f1": lambda true, found: metrics.f1_score(true, found, zero_division=0),
    "f1_macro": lambda true, found: metrics.f1_score(true, found, average="macro", zero_division=0),
}
# Of true and predicted numbers.
NUMBERS: dict[str, Metric] = {
    "mae": metrics.mean_absolute_error,
    "rmse": metrics.root_mean_squared_error,
    "r2": metrics.r2_score,
}
BASELINES: dict[Task, tuple[str, ...]] = {
    "anomaly": (),
    "classification": ("most_frequent",),
    "regression": ("mean", "median"),
    "forecast": ("mean", "median"),
}


def measure(
    names: Sequence[str], true: Values, predicted: Values, scores: Values | None = None
) -> dict[str, float]:
    """Return metrics by name.

    Args:
        names: Names of metrics.
        true: True classes or numbers, of shape (n,).
        predicted: Predicted classes or numbers.
        scores: A score for each sample, higher for the positive class, for ranking metrics.

    Raises:
        GateError: A metric is not defined on these samples, or is not known.
    """
    found = {}
    for name in names:
        if name in RANKINGS and scores is not None:
            if len(np.unique(true)) < 2:
                raise GateError(f"{name} needs two classes, but all {len(true)} samples have one")
            found[name] = float(RANKINGS[name](true, scores))
        elif (metric := CLASSES.get(name) or NUMBERS.get(name)) is not None:
            found[name] = float(metric(true, predicted))
        else:
            known = ", ".join([*RANKINGS, *CLASSES, *NUMBERS])
            raise GateError(f"unknown metric {name}, or no scores for it; expected one of {known}")
    return found


def constants(task: Task, targets: Values, count: int) -> dict[str, Values]:
    """Return the predictions of the simplest baselines of a task, which ignore their inputs.

    Args:
        task: The task. Detectors of anomalies and forecasts have better baselines of their own.
        targets: Targets of the training part.
        count: Number of predictions.
    """
    values, counts = np.unique(targets, return_counts=True)
    simplest = {
        "most_frequent": lambda: values[counts.argmax()],
        "mean": lambda: np.mean(targets),
        "median": lambda: np.median(targets),
    }
    return {name: np.repeat(simplest[name](), count) for name in BASELINES[task]}


def ranked(rows: Mapping[str, Mapping[str, float]], objective: Objective) -> list[dict[str, Any]]:
    """Return a leaderboard: a row of metrics for each model, the best first."""
    board = [{"name": name, **row} for name, row in sorted(rows.items())]
    sign = -1 if objective.mode == "max" else 1
    metric = objective.metric
    return sorted(board, key=lambda row: (math.isnan(row[metric]), sign * row[metric]))


def interval(
    metric: Callable[[Integers], float],
    count: int,
    *,
    draws: int = 200,
    block: int = 1,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % interval of a metric, by the bootstrap.

    Args:
        metric: Function of the indices of the samples that were drawn; not finite if undefined.
        count: Number of samples.
        draws: Number of samples of the bootstrap.
        block: Number of consecutive samples to draw together: more than 1 for a time series, whose
            neighbours are alike.
        seed: Random seed.

    Raises:
        GateError: The metric is undefined on more than half of the draws.
    """
    random = np.random.default_rng(seed)
    block = min(block, count)
    values = []
    for _ in range(draws):
        firsts = random.integers(0, count - block + 1, size=-(-count // block))
        values.append(metric((firsts[:, None] + np.arange(block)).ravel()[:count]))
    defined = np.array([value for value in values if np.isfinite(value)])
    if len(defined) * 2 < draws:
        raise GateError("too few samples for an interval: the metric is mostly undefined")
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)


def over_folds(folds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return mean, lowest and highest value of each metric over folds, by name."""
    found: dict[str, float] = {}
    for name in folds[0]:
        values = [fold[name] for fold in folds]
        found[name] = float(np.mean(values))
        found |= {f"{name}_low": min(values), f"{name}_high": max(values)}
    return found


def accept(
    board: Sequence[Mapping[str, Any]],
    name: str,
    objective: Objective,
    *,
    limit: float | None = None,
    tolerance: float | None = None,
) -> dict[str, Any]:
    """Accept a model if it is good enough to be registered.

    Args:
        board: Leaderboard with the model and the baselines.
        name: Name of the model; the other rows are baselines.
        objective: What decides which of two models is better.
        limit: Worst acceptable value; None for any.
        tolerance: How much worse than the best baseline it may be; None for any.

    Returns:
        Value of the model and of the best baseline.

    Raises:
        GateError: The model is not good enough; the message has the leaderboard.
    """
    metric = objective.metric
    own = comparable(metric, next(row[metric] for row in board if row["name"] == name))
    others = [row[metric] for row in board if row["name"] != name and not math.isnan(row[metric])]
    best = (max if objective.mode == "max" else min)(others, default=own)
    if limit is not None and objective.is_better(limit, own):
        side = "below" if objective.mode == "max" else "above"
        raise GateError(f"{metric} {own:.4f} is {side} {limit}\n{table(board)}")
    if tolerance is not None and objective.is_better(best, own) and abs(best - own) > tolerance:
        raise GateError(
            f"{metric} {own:.4f} is {abs(best - own):.4f} behind the best baseline, more than "
            f"{tolerance}\n{table(board)}"
        )
    return {metric: own, "best_baseline": best}
