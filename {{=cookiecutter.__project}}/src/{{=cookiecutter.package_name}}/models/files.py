"""Files in the format of skops, checkpoints included: no code, only declared types are loaded."""

import hashlib
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
from .backends import MODEL_TYPES
from .parameters import PACKAGE, Callbacks, ModelParameters, own_module

LOG = logging.getLogger(__name__)
State = dict[str, Any]
Row = tuple[float, ...]
STATE_VERSION = 4  # increase it when the content of a state changes
TRUSTED = [
    f"{__package__}.detector.Detector",
    *(f"{__package__}.backends.{name}.Backend" for name in MODEL_TYPES),
    *(
        f"{parameters.__name__}.{name}"
        for name, each in vars(parameters).items()
        if isinstance(each, type) and issubclass(each, Contract)
    ),
    # The backend checks the nodes of a tree, because scikit-learn does not.
    "sklearn.tree._tree.Tree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
]


def write(content: object, path: Path) -> None:
    """Write a file atomically.

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path) as part:
        skops.io.dump(content, part)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield where to write a file or a directory, which replaces another at the end of the block.

    Raises:
        OSError: It cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another process may write the same file.
    part = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        yield part
        # Otherwise a power cut could leave an empty file under the final name.
        for each in [*(part.iterdir() if part.is_dir() else ()), part]:
            _sync(each)
        if path.is_dir():
            shutil.rmtree(path)
        part.replace(path)
        _sync(path.parent)
    finally:
        if part.is_dir():
            shutil.rmtree(part)
        part.unlink(missing_ok=True)


def read(path: Path) -> Any:  # whatever was written
    """Read a file that `write` wrote.

    Raises:
        OSError: The file cannot be read, is damaged, or contains a type that is not declared.
    """
    try:
        unknown = set(skops.io.get_untrusted_types(file=path)) - {*TRUSTED}
        return skops.io.load(path, trusted=[*TRUSTED, *_own_types(unknown)])
    except UntrustedTypesFoundException as error:
        raise OSError(
            f"{path} contains types that are not declared; if you trust them, list them in TRUSTED "
            f"of the module of your model: {error}"
        ) from None
    except (BadZipFile, KeyError, ValueError) as error:
        raise OSError(f"{path} is damaged: {error}") from None


def _own_types(names: set[str]) -> list[str]:
    """Return the types of models of the project, and those that their modules trust."""
    trusted: list[str] = []
    for module, _, name in sorted(each.rpartition(".") for each in names):
        if name in {"Backend", "Model", "Parameters"} and module.partition(".")[0] == PACKAGE:
            trusted += [f"{module}.{name}", *getattr(own_module(module), "TRUSTED", ())]
    return trusted


class CheckpointFile:
    """State of a training on disk, so that the training can resume after it was killed.

    The file is named by a hash of parameters, seed, data and versions.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        # Grows by what is new, so that the cost of all checkpoints is linear in the epochs.
        self._history = path.with_suffix(".history")
        self._saved = 0

    @classmethod
    def of(
        cls,
        directory: Path,
        model: ModelParameters,
        callbacks: Callbacks,
        seed: int,
        windows: NDArray[np.float64],
        validation: NDArray[np.float64] | None = None,
    ) -> "CheckpointFile":
        """Return the checkpoint of a training; create the directory if it is missing."""
        training = f"{model!r} {callbacks!r} {seed}"
        versions = f"{np.__version__} {sklearn.__version__} {STATE_VERSION}"
        digest = hashlib.sha256(f"{training} {versions} ".encode())
        for part in (windows,) if validation is None else (windows, validation):
            digest.update(f"{part.shape} ".encode())
            digest.update(np.ascontiguousarray(part).data)
        directory.mkdir(parents=True, exist_ok=True)
        return cls(directory / f"{model.type}-{digest.hexdigest()[:16]}.skops")

    def read(self) -> tuple[State, list[Row]] | None:
        """Return the saved state and the rows of its epochs, or None if there is none.

        A damaged checkpoint is set aside with a warning, and the training starts anew.
        """
        if not self._path.exists():
            return None
        try:
            saved = read(self._path)
            state, count, width = saved["state"], int(saved["rows"]), int(saved["width"])
            values = np.fromfile(self._history, dtype="<f8", count=count * width)
            rows = [tuple(row) for row in values.reshape(count, width).tolist()]
        except (KeyError, OSError, TypeError, ValueError) as error:
            for path in (self._path, self._history):
                if path.exists():
                    path.replace(path.with_name(f"{path.name}.damaged"))
            LOG.warning("%s: set aside, the training starts anew", error)
            return None
        self._saved = count
        return state, rows

    def write(self, state: State, rows: Sequence[Row]) -> None:
        """Save a state and the rows of all epochs so far; replace the previous state."""
        width = len(rows[0])
        with self._history.open("r+b" if self._saved else "wb") as file:
            file.truncate(self._saved * width * 8)  # rows after the state that was read
            file.seek(0, os.SEEK_END)
            file.write(np.array(rows[self._saved :], dtype="<f8").tobytes())
            file.flush()
            os.fsync(file.fileno())
        write({"state": state, "rows": len(rows), "width": width}, self._path)
        self._saved = len(rows)

    def remove(self) -> None:
        """Delete the checkpoint, once the training is complete."""
        self._path.unlink(missing_ok=True)
        self._history.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Write a file, or the names in a directory, to the disk."""
    if path.is_dir() and os.name == "nt":  # Windows opens no directories
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
