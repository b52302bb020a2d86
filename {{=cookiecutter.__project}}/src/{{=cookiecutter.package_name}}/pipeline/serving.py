"""Serve a model: the class that MLflow loads, and its server."""

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


SERVER = "flask"  # module that only the full MLflow installs


class Served:
    """Model as MLflow calls it: readings in, scores of windows out."""

    def __init__(self, model: Model) -> None:
        """Wrap a model."""
        self._model = model

    def predict(
        self, frame: "pd.DataFrame", params: dict[str, Any] | None = None
    ) -> "pd.DataFrame":
        """Validate and score readings.

        Args:
            frame: One row per reading, ordered by time; times are text with a time zone.
            params: Ignored.

        Returns:
            One row per window.

        Raises:
            ValidationError: A row violates the contract.
        """
        import pandas as pd  # installed wherever MLflow serves

        del params
        rows = json.dumps(frame.to_dict("records"))
        readings = TypeAdapter(list[Reading]).validate_json(rows)
        scores = [each.model_dump(mode="json") for each in self._model.score(readings)]
        return pd.DataFrame(scores, columns=["start", "end", "score", "anomalous"])


def _load_pyfunc(path: str) -> Served:
    """Load a model; MLflow calls this with the path of the detector."""
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
