"""Package a detector for `mlflow models`: signature, requirements and code."""

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
# Imports of the scoring, pinned to the versions of the training.
REQUIREMENTS = ("jaxtyping", "numpy", "polars", "pydantic", "scikit-learn", "skops")
# A time is text, because the time type of MLflow has no time zone.
TYPES = {"string": "string", "number": "double", "integer": "long", "boolean": "boolean"}


def package(
    directory: Path, features: Features, inputs: type[BaseModel], outputs: type[BaseModel]
) -> None:
    """Turn a directory with a detector into an MLflow model of flavor `python_function`.

    Args:
        directory: Directory that contains the detector.
        features: How to turn readings into windows.
        inputs: Contract of an input row.
        outputs: Contract of an output row.
    """
    (directory / FEATURES).write_text(features.model_dump_json(indent=2) + "\n", encoding="utf-8")
    shutil.copytree(
        Path(__file__).parents[1],
        directory / "code" / PACKAGE,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    mlflow = version("mlflow-skinny")
    requirements = [f"mlflow=={mlflow}", *(f"{name}=={version(name)}" for name in REQUIREMENTS)]
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
        "signature": {"inputs": _columns(inputs), "outputs": _columns(outputs), "params": None},
        "utc_time_created": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f}",
    }
    _write(directory / "MLmodel", model)


def _columns(contract: type[BaseModel]) -> str:
    """Return a contract as a column specification of MLflow."""
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
