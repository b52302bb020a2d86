"""The edge: nothing enters the program unchecked, and nothing bad is dropped without a word.

The template owns this package. What may enter is yours to state, in `schemas/`.
"""

from .boundary import checked
from .contract import Contract, TableRules
from .errors import EdgeError, Problem, Rejected, TooManyRejectsError
from .load import Limits, Load
from .save import saving

__all__ = [
    "Contract",
    "EdgeError",
    "Limits",
    "Load",
    "Problem",
    "Rejected",
    "TableRules",
    "TooManyRejectsError",
    "checked",
    "saving",
]
