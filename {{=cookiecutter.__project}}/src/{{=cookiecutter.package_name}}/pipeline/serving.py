"""Serve a model: the class that MLflow loads, and its server."""

import importlib.util
import json
import logging
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from ..edge import EdgeError
from ..edge.rules import TableRuleChecker
from .scoring import Model

if TYPE_CHECKING:
    import pandas as pd

LOG = logging.getLogger(__name__)
SERVER = "flask"  # module that only the full MLflow installs


class Served:
    """Model as MLflow calls it: rows in, predictions out."""

    def __init__(self, model: Model) -> None:
        """Wrap a model."""
        self._model = model
        self._rows = TypeAdapter(list[model.inputs])  # type: ignore[name-defined]

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
        try:
            rows = self._rows.validate_json(json.dumps(records))
        except ValidationError as error:
            raise _bad_request(_reasons(error)) from None
        checker = TableRuleChecker(self._model.inputs.table)
        decided = [held for n, row in enumerate(rows) for held in checker.check(n, vars(row))]
        broken = [held for held in [*decided, *checker.rest()] if held.problems]
        if broken:
            first = "; ".join(map(str, broken[0].problems or ()))
            count = f"{len(broken)} of {len(rows)} rows break a rule of the table"
            raise _bad_request(f"{count}; the first is row {broken[0].item}: {first}")
        predictor = self._model.predictor
        predictions = [each.model_dump(mode="json") for each in predictor.predict(rows)]
        if not predictions:
            raise _bad_request(f"no complete row or window in {len(rows)} rows")
        if predictor.unused:
            LOG.warning("%d of %d rows without a prediction", predictor.unused, len(rows))
        return pd.DataFrame(predictions, columns=[*self._model.outputs.model_fields])


def _bad_request(reason: str) -> Exception:
    from mlflow.exceptions import MlflowException  # heavy

    return MlflowException.invalid_parameter_value(reason)


def _reasons(error: ValidationError) -> str:
    """Return the first errors of rows in one line."""
    errors = error.errors(include_url=False, include_context=False)
    reasons = [
        f"row {each['loc'][0]}: {'.'.join(map(str, each['loc'][1:]))} {each['msg']}"
        for each in errors[:3]
    ]
    more = f"; and {len(errors) - 3} more" if len(errors) > 3 else ""
    return f"invalid rows: {'; '.join(reasons)}{more}"


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
