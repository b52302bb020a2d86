"""Datasets of the catalog, as files. The types say what the tracking finds in an output.

`Metrics`, `History` and `Leaderboard` are tracked under whatever name they have in the catalog.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from kedro.io import AbstractDataset

from .. import anomaly_utils
from ..models import files


class _File(AbstractDataset[Any, Any]):
    """Dataset in a file; the directory is created on the first save."""

    def __init__(self, filepath: str) -> None:
        """Use this file."""
        self._path = Path(filepath)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}

    def _exists(self) -> bool:
        return self._path.exists()

    def _path_to_write(self) -> Path:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._path


class Table(_File):
    """A Polars frame in a Parquet file."""

    def load(self) -> pl.DataFrame:
        """Read the frame."""
        return pl.read_parquet(self._path)

    def save(self, data: pl.DataFrame) -> None:
        """Write the frame."""
        data.write_parquet(self._path_to_write())


class Arrays(_File):
    """Named arrays in an NPZ file; the validator of the entry turns them into an array contract."""

    def load(self) -> dict[str, np.ndarray]:
        """Read the arrays."""
        with np.load(self._path, allow_pickle=False) as arrays:
            return dict(arrays)

    def save(self, data: Any) -> None:  # an array contract
        """Write the arrays of a contract."""
        np.savez(self._path_to_write(), **dict(data))


class Detector(_File):
    """A detector in a skops file."""

    def load(self) -> anomaly_utils.Detector:
        """Read the detector; reject types that are not declared."""
        return anomaly_utils.load(self._path)

    def save(self, data: anomaly_utils.Detector) -> None:
        """Write the detector."""
        anomaly_utils.save(data, self._path_to_write())


class Skops(_File):
    """A model of the project's own, of any task, in a skops file."""

    def load(self) -> Any:  # whatever was saved
        """Read the model; reject types that are not declared."""
        return files.read(self._path)

    def save(self, data: Any) -> None:
        """Write the model."""
        files.write(data, self._path_to_write())


class Document(_File):
    """Plain data in a JSON file."""

    def load(self) -> Any:  # any JSON value
        """Read the document."""
        return json.loads(self._path.read_text(encoding="utf-8"))

    def save(self, data: Any) -> None:
        """Write the document."""
        self._path_to_write().write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


class Metrics(Document):
    """Numbers by name, which are tracked. A namespace of the dataset precedes the names."""


class History(Document):
    """Losses of each epoch by name, such as `loss` and `validation_loss`, which are tracked."""


class Leaderboard(Document):
    """Rows with a `name` and metrics, the best first, which are printed at the end of a run."""


class Pictures(_File):
    """SVG pictures by name, as files in one directory."""

    def load(self) -> dict[str, str]:
        """Read the pictures."""
        return {path.stem: path.read_text(encoding="utf-8") for path in self._path.glob("*.svg")}

    def save(self, data: dict[str, str]) -> None:
        """Write the pictures."""
        self._path.mkdir(parents=True, exist_ok=True)
        for name, picture in data.items():
            (self._path / f"{name}.svg").write_text(picture, encoding="utf-8")
