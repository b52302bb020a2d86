"""A detector as a package that `mlflow models` serves: signature, requirements, its own code."""

from pathlib import Path

from .parameters import Features

FEATURES = "features.json"


def package(directory: Path, features: Features) -> None:
    """Add to a directory with a detector what is needed to use it elsewhere."""
    (directory / FEATURES).write_text(features.model_dump_json(indent=2) + "\n", encoding="utf-8")
