"""What the catalog keeps in files: tables, arrays, a detector, documents and pictures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from kedro.io import AbstractDataset

from .. import anomaly_utils


class _File(AbstractDataset[Any, Any]):
    """A file whose directory is made when it is needed."""

    def __init__(self, filepath: str) -> None:
        """Keep the data in this file."""
        self._path = Path(filepath)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._path)}

    def _exists(self) -> bool:
        return self._path.exists()

    def _made(self) -> Path:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return self._path


class Table(_File):
    """A Polars frame as Parquet."""

    def load(self) -> pl.DataFrame:
        """Read the frame."""
        return pl.read_parquet(self._path)

    def save(self, data: pl.DataFrame) -> None:
        """Write the frame."""
        data.write_parquet(self._made())


class Arrays(_File):
    """Arrays by name as NPZ; the entry's validator makes an array contract of them."""

    def load(self) -> dict[str, np.ndarray]:
        """Read the arrays."""
        with np.load(self._path, allow_pickle=False) as arrays:
            return dict(arrays)

    def save(self, data: Any) -> None:  # noqa: ANN401 (an array contract)
        """Write the arrays of a contract."""
        np.savez(self._made(), **dict(data))


class Detector(_File):
    """A detector by skops."""

    def load(self) -> anomaly_utils.Detector:
        """Read the detector; types that are not declared are refused."""
        return anomaly_utils.load(self._path)

    def save(self, data: anomaly_utils.Detector) -> None:
        """Write the detector."""
        anomaly_utils.save(data, self._made())


class Document(_File):
    """Plain data as JSON."""

    def load(self) -> Any:  # noqa: ANN401 (whatever the document is)
        """Read the document."""
        return json.loads(self._path.read_text(encoding="utf-8"))

    def save(self, data: Any) -> None:  # noqa: ANN401
        """Write the document."""
        self._made().write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


class Pictures(_File):
    """SVG pictures by name, as files of one directory."""

    def load(self) -> dict[str, str]:
        """Read the pictures."""
        return {path.stem: path.read_text(encoding="utf-8") for path in self._path.glob("*.svg")}

    def save(self, data: dict[str, str]) -> None:
        """Write the pictures."""
        self._path.mkdir(parents=True, exist_ok=True)
        for name, picture in data.items():
            (self._path / f"{name}.svg").write_text(picture, encoding="utf-8")
