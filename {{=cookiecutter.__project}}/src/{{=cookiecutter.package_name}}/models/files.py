"""Files by skops: they hold data and never code, and only declared types are read back."""

from pathlib import Path
from typing import Any
from uuid import uuid4
from zipfile import BadZipFile

import skops.io
from skops.io.exceptions import UntrustedTypesFoundException

from ..edge import Contract
from . import parameters
from .backends import KINDS

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
