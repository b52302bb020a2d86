"""The parts of the bench: a module each, whose first line says what it measures.

A part has one function, `figures(options)`, that returns its figures.
"""

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

# In the order of the page.
PARTS = (
    "generation",
    "first_green",
    "update",
    "hostile",
    "containers",
    "hooks",
    "preflight_cpu",
    "contracts",
    "tables",
    "pipeline",
    "suites",
    "docs",
    "history_overhead",
    "history_classes",
    "history_flaky",
    "history_triage",
    "history_scale",
)


def load(name: str) -> ModuleType:
    """Import a part."""
    return importlib.import_module(f"bench.parts.{name}")


@dataclass(frozen=True)
class About:
    """What a part says of itself: `Title: summary.`, and how it measures."""

    title: str
    summary: str
    prose: str

    def __str__(self) -> str:
        """Write both in a line."""
        return f"{self.title}: {self.summary}"


def about(name: str) -> About:
    """Read the docstring of a part.

    Raises:
        ValueError: It does not begin with a title and a summary.
    """
    # Read, not imported: who only wants to know needs no engine and no template.
    text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    first, _, rest = (ast.get_docstring(ast.parse(text)) or "").partition("\n")
    title, colon, summary = first.rstrip(".").partition(": ")
    if not colon:
        raise ValueError(f"bench/parts/{name}.py: the docstring must begin with 'Title: summary.'")
    return About(title, summary, rest.strip())
