"""The edge: validate all data that enters the program, and report every row that is rejected.

The template owns this package. The contracts are yours, in `schemas/`.
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
