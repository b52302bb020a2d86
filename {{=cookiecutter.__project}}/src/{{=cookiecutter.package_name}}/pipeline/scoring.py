"""Use a packaged model: validate rows, predict, and say what happened to every row."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from ..edge import Contract, EdgeError, Load, saving
from . import drift
from .declaration import Problem, Task, imported

PROBLEM, PARAMETERS = "problem.json", "parameters.json"


class Predictor(Protocol):
    """Interface of a class that `conf/` names as the predictor of a problem.

    Attributes:
        unused: Rows of the last prediction on which no prediction is based.
    """

    unused: int

    def __init__(self, directory: Path, parameters: Mapping[str, Any]) -> None:
        """Read a model from a directory; the parameters are those of its training.

        Raises:
            OSError: A file of the model cannot be read.
        """

    def predict(self, rows: Iterable[Any]) -> Iterator[Contract]:
        """Yield predictions, in the contract of the outputs, from rows in that of the inputs."""


class Model:
    """A packaged model.

    Attributes:
        problem: The problem that it solves.
        inputs: Contract of a row.
        outputs: Contract of a prediction.
        predictor: What predicts with it.
        drift: Monitor of the rows, which knows the training data.
    """

    def __init__(self, directory: Path) -> None:
        """Read a model from a directory.

        Raises:
            EdgeError: The directory contains no model of this project.
        """
        try:
            text = (directory / PROBLEM).read_text(encoding="utf-8")
            self.problem = Problem.model_validate_json(text)
            parameters = json.loads((directory / PARAMETERS).read_text(encoding="utf-8"))
            self.inputs: type[Contract] = imported(self.problem.inputs)
            self.outputs: type[Contract] = imported(self.problem.outputs)
        except (OSError, ValidationError, ValueError) as error:
            raise EdgeError(f"{directory} is not a model of this project: {error}") from error
        try:
            self.predictor: Predictor = imported(self.problem.predictor)(directory, parameters)
        except Exception as error:  # code of the project reads files of its own
            reason = f"{type(error).__name__}: {error}"
            raise EdgeError(
                f"{directory} is not a model of this project: {self.problem.predictor}: {reason}"
            ) from error
        self.drift = drift.Monitor(drift.read(directory), self.problem.drift)


class Summary:
    """Counts the predictions of a task: how many of each result, or mean and range."""

    def __init__(self, task: Task, target: str) -> None:
        """Start before the first prediction."""
        self._task, self._target = task, target
        self.count = 0
        self._results: Counter[str] = Counter()
        self._total, self._low, self._high = 0.0, float("inf"), float("-inf")

    def add(self, prediction: Contract) -> None:
        """Count a prediction."""
        self.count += 1
        result = getattr(prediction, self._target)
        if self._task in {"anomaly", "classification"}:
            self._results[str(result)] += 1
        else:
            self._total += result
            self._low, self._high = min(self._low, result), max(self._high, result)

    def __str__(self) -> str:
        """Return the summary, such as `12 predictions, 3 anomalous`."""
        if self._task == "anomaly":
            return f"{self.count} predictions, {self._results['True']} {self._target}"
        if self._task == "classification":
            each = ", ".join(f"{n} {name}" for name, n in sorted(self._results.items()))
            return f"{self.count} predictions: {each}"
        mean = self._total / self.count
        range_ = f"mean {mean:.6g}, from {self._low:.6g} to {self._high:.6g}"
        return f"{self.count} predictions, {self._target} {range_}"


def score_file(file: Path, model: Path, output: Path, rejects: Path) -> tuple[str, str | None]:
    """Predict from a file of rows and write the predictions to a CSV file.

    Args:
        file: CSV, JSON or JSON Lines file.
        model: Directory of a model.
        output: File for the predictions.
        rejects: File for invalid rows.

    Returns:
        A summary, with a line about drift, and an error if rows were rejected, as in `validate`.

    Raises:
        EdgeError: The file or the model cannot be read, or there is nothing to predict from.
    """
    packaged = Model(model)
    load = Load(file, packaged.inputs, rejects=rejects)
    summary = Summary(packaged.problem.task, packaged.problem.target)
    with saving(output, packaged.outputs) as write:
        for each in packaged.predictor.predict(packaged.drift.watch(load)):
            write(each)
            summary.add(each)
        if not summary.count:
            hint = f"; {load.rejected} of {load.read} rows are invalid, see {rejects}"
            raise EdgeError(f"{file}: no complete row or window{hint if load.rejected else ''}")
    unused = packaged.predictor.unused
    rows = f"{load.read} rows: {load.accepted} valid, {load.rejected} invalid"
    if unused:
        rows += f", {unused} ({unused / load.read:.1%}) without a prediction"
    error = None
    if load.rejected:
        error = (
            f"{file}: {load.rejected} of {load.read} rows ({load.rejected / load.read:.1%}) are "
            f"invalid, so predictions are missing or based on fewer rows; see {rejects}"
        )
    return f"{rows}; {summary}, in {output}\n{packaged.drift.answer()}", error
