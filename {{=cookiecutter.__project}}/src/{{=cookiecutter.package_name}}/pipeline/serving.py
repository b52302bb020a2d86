"""Serve a model: the class that MLflow loads, and its server."""

import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from ..edge import EdgeError
from ..edge.rules import TableRuleChecker
from .scoring import Model

if TYPE_CHECKING:
    import pandas as pd

LOG = logging.getLogger(__name__)
SERVER = "flask"  # module that only the full MLflow installs
WINDOW = 10_000  # rows after which the comparison with the training data starts anew


class Served:
    """Model as MLflow calls it: rows in, predictions out.

    The log has the share of rows in refused requests, and each change of the answer about drift.
    """

    def __init__(self, model: Model) -> None:
        """Wrap a model."""
        self._model = model
        self._rows = TypeAdapter(list[model.inputs])  # type: ignore[name-defined]
        self._lock = Lock()  # the server predicts in several threads, a predictor has a state
        self._read = self._refused = 0
        self._drift = ""

    def predict(
        self, frame: "pd.DataFrame", params: dict[str, Any] | None = None
    ) -> "pd.DataFrame":
        """Validate rows and predict from them.

        Args:
            frame: One row per record; times are text with a time zone.
            params: Ignored.

        Returns:
            One row per prediction.

        Raises:
            MlflowException: A row violates the contract, or there is nothing to predict from; the
                server responds with the reason and the status 400.
        """
        import pandas as pd  # installed wherever MLflow serves

        del params
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        with self._lock:
            self._read += len(records)
            try:
                predictions = self._predict(self._validated(records))
            except EdgeError as error:
                self._refused += len(records)
                share = _share(self._refused, self._read or 1)
                LOG.warning("refused since the start: %s; %s", share, error)
                raise _bad_request(str(error)) from None
            self._report_drift()
        return pd.DataFrame(predictions, columns=[*self._model.outputs.model_fields])

    def _validated(self, records: list[dict[str, Any]]) -> list[Any]:
        """Return the records in the contract of the inputs.

        Raises:
            EdgeError: One of them violates the contract, or they break a rule of the table.
        """
        try:
            rows: list[Any] = self._rows.validate_json(json.dumps(records))
        except ValidationError as error:
            raise EdgeError(_reasons(error, len(records))) from None
        checker = TableRuleChecker(self._model.inputs.table)
        decided = [held for n, row in enumerate(rows) for held in checker.check(n, vars(row))]
        broken = [each for each in [*decided, *checker.rest()] if each[1]]
        if broken:
            number, problems = broken[0]
            first = "; ".join(map(str, problems))
            count = f"{_share(len(broken), len(rows))} break a rule of the table"
            raise EdgeError(f"{count}; the first is row {number}: {first}")
        return rows

    def _predict(self, rows: list[Any]) -> list[dict[str, Any]]:
        predictor, watched = self._model.predictor, self._model.drift.watch(rows)
        predictions = [each.model_dump(mode="json") for each in predictor.predict(watched)]
        if not predictions:
            raise EdgeError(f"no complete row or window in {len(rows)} rows")
        if predictor.unused:
            LOG.warning("%s without a prediction", _share(predictor.unused, len(rows)))
        return predictions

    def _report_drift(self) -> None:
        """Log the answer about drift if it is another one than before."""
        monitor = self._model.drift
        answer = monitor.answer()
        if answer.result != self._drift:
            self._drift = answer.result
            LOG.warning("%s; in %d rows", answer, monitor.rows)
        if monitor.rows >= WINDOW:
            monitor.reset()


def _bad_request(reason: str) -> Exception:
    from mlflow.exceptions import MlflowException  # heavy

    return MlflowException.invalid_parameter_value(reason)


def _share(count: int, rows: int) -> str:
    return f"{count} of {rows} rows ({count / rows:.1%})"


def _reasons(error: ValidationError, rows: int) -> str:
    """Return how many rows are invalid, and the first errors, in one line."""
    errors = error.errors(include_url=False, include_context=False)
    reasons = [
        f"row {each['loc'][0]}: {'.'.join(map(str, each['loc'][1:]))} {each['msg']}"
        for each in errors[:3]
    ]
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    count = _share(len({each["loc"][0] for each in errors}), rows)
    return f"{count} are invalid: {'; '.join(reasons)}{more}"


def _load_pyfunc(path: str) -> Served:
    """Load a model; MLflow calls this with the path of a file in its directory."""
    return Served(Model(Path(path).parent))


def export(model: Path, target: Path) -> None:
    """Copy the package of a model atomically."""
    part = target.with_name(f".{target.name}.part")
    shutil.copytree(model, part)
    part.replace(target)


def start(model: Path, port: int) -> None:
    """Serve a package on this machine until the server is stopped.

    Raises:
        EdgeError: The full MLflow is not installed, or the server failed.
    """
    if importlib.util.find_spec(SERVER) is None:
        raise EdgeError("serving needs the full MLflow: uvx nox -s mlflow -- serve")
    command = (sys.executable, "-m", "mlflow", "models", "serve", "--env-manager=local")
    options = (f"--model-uri={model}", "--host=127.0.0.1", f"--port={port}")
    # MLflow looks up its web server on PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run([*command, *options], check=False, env={**os.environ, "PATH": path})
    if done.returncode:
        raise EdgeError(f"the server failed with exit code {done.returncode}")
