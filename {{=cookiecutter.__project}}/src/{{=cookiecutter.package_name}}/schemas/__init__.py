"""The data contracts: the data that enters and leaves the program, declared once.

A model in `__all__` is exported, tested, mutated and documented without further registration.
"""

from .batch import Batch
from .reading import Reading

__all__ = ["Batch", "Reading"]
