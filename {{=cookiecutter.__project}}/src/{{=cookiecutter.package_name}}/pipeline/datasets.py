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
    """Dataset in a file, which is written atomically: a run that goes on takes it for complete."""

    def __init__(self, filepath: str) -> None:
        """Use this file."""
        self._path = Path(filepath)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}

    def _exists(self) -> bool:
        return self._path.exists()


class Table(_File):
    """A Polars frame in a Parquet file."""

    def load(self) -> pl.DataFrame:
        """Read the frame."""
        return pl.read_parquet(self._path)

    def save(self, data: pl.DataFrame) -> None:
        """Write the frame."""
        with files.replacing(self._path) as path:
            data.write_parquet(path)


class Arrays(_File):
    """Named arrays in an NPZ file; the validator of the entry turns them into an array contract."""

    def load(self) -> dict[str, np.ndarray]:
        """Read the arrays."""
        with np.load(self._path, allow_pickle=False) as arrays:
            return dict(arrays)

    def save(self, data: Any) -> None:  # an array contract
        """Write the arrays of a contract."""
        with files.replacing(self._path) as path:
            np.savez(path, **dict(data))


class Skops(_File):
    """A model of the project's own, of any task, in a skops file."""

    def load(self) -> Any:  # whatever was saved
        """Read the model; reject types that are not declared."""
        return files.read(self._path)

    def save(self, data: Any) -> None:
        """Write the model."""
        files.write(data, self._path)


class Detector(Skops):
    """A detector in a skops file."""

    def load(self) -> anomaly_utils.Detector:
        """Read the detector; reject types that are not declared."""
        return anomaly_utils.load(self._path)


class Document(_File):
    """Plain data in a JSON file."""

    def load(self) -> Any:  # any JSON value
        """Read the document."""
        return json.loads(self._path.read_text(encoding="utf-8"))

    def save(self, data: Any) -> None:
        """Write the document."""
        with files.replacing(self._path) as path:
            path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


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
        with files.replacing(self._path) as path:
            path.mkdir()
            for name, picture in data.items():
                (path / f"{name}.svg").write_text(picture, encoding="utf-8")
