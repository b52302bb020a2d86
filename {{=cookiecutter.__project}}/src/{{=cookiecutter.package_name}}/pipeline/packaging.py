"""A detector as a package that `mlflow models` serves: signature, requirements, its own code."""

import json
import platform
import shutil
import uuid
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from .parameters import Features

DETECTOR, FEATURES = "detector.skops", "features.json"
PACKAGE = __name__.partition(".")[0]
# What scoring imports; the versions are those of the training.
NEEDED = ("jaxtyping", "numpy", "polars", "pydantic", "scikit-learn", "skops")
# A time is text: MLflow's own type for it has no zone.
TYPES = {"string": "string", "number": "double", "integer": "long", "boolean": "boolean"}


def package(
    directory: Path, features: Features, takes: type[BaseModel], gives: type[BaseModel]
) -> None:
    """Add to a directory with a detector what is needed to use it elsewhere.

    Args:
        directory: Has the detector; is then an MLflow model with the flavour `python_function`.
        features: How readings become windows.
        takes: Contract of a row that goes in.
        gives: Contract of a row that comes out.
    """
    (directory / FEATURES).write_text(features.model_dump_json(indent=2) + "\n", encoding="utf-8")
    shutil.copytree(
        Path(__file__).parents[1],
        directory / "code" / PACKAGE,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    mlflow = version("mlflow-skinny")
    requirements = [f"mlflow=={mlflow}", *(f"{name}=={version(name)}" for name in NEEDED)]
    (directory / "requirements.txt").write_text("\n".join(requirements) + "\n", encoding="utf-8")
    python = {"python": platform.python_version(), "dependencies": ["-r requirements.txt"]}
    _write(directory / "python_env.yaml", python)
    flavour = {
        "loader_module": f"{PACKAGE}.pipeline.serving",
        "data": DETECTOR,
        "code": "code",
        "env": {"virtualenv": "python_env.yaml"},
        "python_version": platform.python_version(),
    }
    model = {
        "flavors": {"python_function": flavour},
        "mlflow_version": mlflow,
        "model_uuid": uuid.uuid4().hex,
        "signature": {"inputs": _columns(takes), "outputs": _columns(gives), "params": None},
        "utc_time_created": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
    }
    _write(directory / "MLmodel", model)


def _columns(contract: type[BaseModel]) -> str:
    """Write a contract as MLflow's column specification."""
    fields: dict[str, dict[str, Any]] = contract.model_json_schema()["properties"]
    columns = [
        {
            "type": TYPES[field["type"]],
            "name": name,
            "required": True,
        }
        for name, field in fields.items()
    ]
    return json.dumps(columns)


def _write(path: Path, document: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
