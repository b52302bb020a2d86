"""Files in the format of skops: they contain no code, and only declared types can be loaded."""

from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from ..edge import Contract
from . import parameters
from .backends import MODEL_TYPES

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
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{uuid4().hex}")  # another process may write the same file
    try:
        skops.io.dump(content, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def read(path: Path) -> Any:  # noqa: ANN401 (whatever was written)
    """Read a file that `write` wrote.

    Raises:
        OSError: The file cannot be read, is damaged, or contains a type that is not declared.
    """
    try:
        return skops.io.load(path, trusted=TRUSTED)
    except UntrustedTypesFoundException as error:
        raise OSError(f"{path} contains types that are not declared: {error}") from None
    except (BadZipFile, KeyError, ValueError) as error:
        raise OSError(f"{path} is damaged; remove it, or train again: {error}") from None
