"""Files by skops, checkpoints included: data and never code; only declared types are read back."""

import hashlib
from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import numpy as np
import sklearn
import skops.io
from numpy.typing import NDArray
from skops.io.exceptions import UntrustedTypesFoundException

from ..edge import Contract
from . import parameters
from .backends import KINDS
from .parameters import Callbacks, ModelParameters

State = dict[str, Any]
TRUSTED = [
    f"{__package__}.detector.Detector",
    *(f"{__package__}.backends.{kind}.Backend" for kind in KINDS),
    *(
        f"{parameters.__name__}.{name}"
        for name, each in vars(parameters).items()
        if isinstance(each, type) and issubclass(each, Contract)
    ),
    # Its nodes are looked at by the backend: scikit-learn follows them without a look.
    "sklearn.tree._tree.Tree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
]


def write(content: object, path: Path) -> None:
    """Write a file, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{uuid4().hex}")  # others may write the same one now
    try:
        skops.io.dump(content, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Any:  # noqa: ANN401 (whatever was written)
    """Read what `write` wrote.

    Raises:
        OSError: The file cannot be read, is damaged, or holds a type that is not declared.
    """
    try:
        return skops.io.load(path, trusted=TRUSTED)
    except UntrustedTypesFoundException as error:
        raise OSError(f"{path} holds types that are not declared: {error}") from None
    except (BadZipFile, KeyError, ValueError) as error:
        raise OSError(f"{path} is damaged; remove it, or train again: {error}") from None


class CheckpointFile:
    """The state of a training on disk, so that it can continue after it was killed.

    One training's file. Its name tells the training: parameters, seed, data and versions.
    """

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
