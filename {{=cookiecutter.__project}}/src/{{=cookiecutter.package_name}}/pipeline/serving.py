"""Serving: the package that MLflow loads, and its server."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from ..edge import EdgeError
from ..schemas import Reading
from .scoring import Model

if TYPE_CHECKING:
    import pandas as pd


SERVER = "flask"  # what only the full MLflow brings


class Served:
    """What MLflow calls: readings in, scores of windows out."""

    def __init__(self, model: Model) -> None:
        """Serve a model."""
        self._model = model

    def predict(
        self, frame: "pd.DataFrame", params: dict[str, Any] | None = None
    ) -> "pd.DataFrame":
        """Score readings; every row is checked against the contract first.

        Args:
            frame: A row for each reading, in the order of time; a time is text, with its zone.
            params: None are known.

        Returns:
            A row for each window.

        Raises:
            ValidationError: A row breaks the contract.
        """
        import pandas as pd  # noqa: PLC0415 (where MLflow serves, it is there)

        del params
        rows = json.dumps(frame.to_dict("records"))
        readings = TypeAdapter(list[Reading]).validate_json(rows)
        scores = [each.model_dump(mode="json") for each in self._model.score(readings)]
        return pd.DataFrame(scores, columns=["start", "end", "score", "anomalous"])


def _load_pyfunc(path: str) -> Served:
    """Load the package; MLflow calls this with the path of the detector."""
    return Served(Model(Path(path).parent))


def hand_out(model: Path, target: Path) -> None:
    """Copy a model's package, whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    shutil.copytree(model, part)
    part.replace(target)


def start(model: Path, port: int) -> None:
    """Serve a package on this machine, until it is told to stop.

    Raises:
        EdgeError: The full MLflow is not installed, or the server failed.
    """
    if importlib.util.find_spec(SERVER) is None:
        raise EdgeError("serving needs the full MLflow: uvx nox -s mlflow -- serve")
    command = (sys.executable, "-m", "mlflow", "models", "serve", "--env-manager=local")
    place = (f"--model-uri={model}", "--host=127.0.0.1", f"--port={port}")
    # MLflow finds its web server on PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    done = subprocess.run([*command, *place], check=False, env={**os.environ, "PATH": path})
    if done.returncode:
        raise EdgeError(f"the server ended with {done.returncode}")
