"""Checkpoint files: the state of a training on disk, so that it can resume after a kill."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import sklearn
from numpy.typing import NDArray

from .files import read, write
from .parameters import Callbacks, ModelParameters

State = dict[str, Any]
STATE_VERSION = 2  # increase it when the content of a state changes


class CheckpointFile:
    """Checkpoint of one training, named by a hash of parameters, seed, data and versions."""

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
        """Return the checkpoint of a training; create the directory if it is missing."""
        training = f"{model!r} {callbacks!r} {seed} {windows.shape}"
        versions = f"{np.__version__} {sklearn.__version__} {STATE_VERSION}"
        digest = hashlib.sha256(f"{training} {versions} ".encode())
        digest.update(np.ascontiguousarray(windows).data)
        directory.mkdir(parents=True, exist_ok=True)
        return cls(directory / f"{model.kind}-{digest.hexdigest()[:16]}.skops")

    def read(self) -> State | None:
        """Return the saved state, or None if there is none.

        Raises:
            OSError: The file is damaged.
        """
        try:
            state: State = read(self._path)
        except FileNotFoundError:
            return None
        return state

    def write(self, state: State) -> None:
        """Save a state; replace the previous one."""
        write(state, self._path)

    def remove(self) -> None:
        """Delete the checkpoint, once the training is complete."""
        self._path.unlink(missing_ok=True)
