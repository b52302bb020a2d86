"""The edge: validate all data that enters the program, and report every row that is rejected.

The template owns this package. The contracts are yours, in `schemas/`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
MODULES = {
    "boundary": ("checked",),
    "contract": ("Contract", "Dialect", "TableRules"),
    "errors": ("EdgeError", "Problem", "Rejected", "TooManyRejectsError", "explain"),
    "load": ("Limits", "Load", "is_same_file"),
    "save": ("saving",),
}


def __getattr__(name: str) -> Any:
    """Import a name on first use: a command that only reports an error does not load pydantic."""
    for module, names in MODULES.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
