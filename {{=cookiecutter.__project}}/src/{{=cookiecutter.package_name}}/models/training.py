"""What training tells and keeps, epoch by epoch."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """One pass over the training windows.

    Attributes:
        number: From 1.
        of: Most epochs that there can be.
        loss: Mean loss of the pass.
        rate: Learning rate of the pass.
    """

    number: int
    of: int
    loss: float
    rate: float


Progress = Callable[[Epoch], None]
