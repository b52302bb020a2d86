"""The edge: validate all data that enters the program, and report every row that is rejected.

The template owns this package. The contracts are yours, in `schemas/`.
"""

from .boundary import checked
from .contract import Contract, Dialect, TableRules
from .errors import EdgeError, Problem, Rejected, TooManyRejectsError, explain
from .load import Limits, Load, is_same_file
from .save import saving

__all__ = [
    "Contract",
    "Dialect",
    "EdgeError",
    "Limits",
    "Load",
    "Problem",
    "Rejected",
    "TableRules",
    "TooManyRejectsError",
    "checked",
    "explain",
    "is_same_file",
    "saving",
]
