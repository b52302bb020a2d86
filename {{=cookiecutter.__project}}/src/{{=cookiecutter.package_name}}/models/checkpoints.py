"""The state of a training on disk, so that it can go on after it was killed."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray

from .files import read, write
from .parameters import Callbacks, ModelParameters

State = dict[str, Any]


class CheckpointFile:
    """One training's file. Its name tells the training: parameters, seed, data and versions."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of(
        cls,
        directory: Path,
        model: ModelParameters,
        callbacks: Callbacks,
        seed: int,
        windows: NDArray[np.float64],
    ) -> "CheckpointFile":
        """Find the file of a training in a directory, which is made if it is missing."""
        stated = f"{model!r} {callbacks!r} {seed} {windows.shape}"
        versions = f"{np.__version__} {sklearn.__version__}"
        told = hashlib.sha256(f"{stated} {versions} ".encode())
        told.update(np.ascontiguousarray(windows).data)
        directory.mkdir(parents=True, exist_ok=True)
        return cls(directory / f"{model.kind}-{told.hexdigest()[:16]}.skops")

    def read(self) -> State | None:
        """Return what was kept, or None.

        Raises:
            OSError: The file is damaged.
        """
        try:
            state: State = read(self._path)
        except FileNotFoundError:
            return None
        return state

    def write(self, state: State) -> None:
        """Keep a state in place of the one before."""
        write(state, self._path)

    def remove(self) -> None:
        """Forget the training, now that it is done."""
        self._path.unlink(missing_ok=True)
