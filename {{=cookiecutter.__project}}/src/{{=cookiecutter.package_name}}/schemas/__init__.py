"""The data contracts: what may enter and what leaves, each stated once.

A model named in `__all__` is exported, tested, mutated and documented; nothing else is needed.
"""

from .batch import Batch
from .reading import Reading

__all__ = ["Batch", "Reading"]
