"""The list of benchmarks: one module each, whose docstring says what it measures.

A benchmark has one function, `figures(options)`, that returns its figures.
"""

import ast
import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

# In the order of the page.
BENCHMARKS = (
    "generation",
    "first_green",
    "update",
    "hostile",
    "containers",
    "hooks",
    "commit",
    "preflight",
    "contracts",
    "libraries",
    "tables",
    "pipeline",
    "lint",
    "docs",
    "history_overhead",
    "history_classes",
    "history_flaky",
    "history_triage",
    "history_scale",
)


def load(name: str) -> ModuleType:
    """Import a benchmark."""
    return importlib.import_module(f"benchmarks.{name}")


@dataclass(frozen=True)
class Description:
    """The docstring of a benchmark: `Title: summary.`, and how it measures."""

    title: str
    summary: str
    method: str

    def __str__(self) -> str:
        """Format title and summary in one line."""
        return f"{self.title}: {self.summary}"


def description(name: str) -> Description:
    """Read the docstring of a benchmark.

    Raises:
        ValueError: It does not begin with a title and a summary.
    """
    # Parsed, not imported: `list` needs neither an engine nor the template.
    text = Path(__file__).parents[1].joinpath(f"{name}.py").read_text(encoding="utf-8")
    first, _, rest = (ast.get_docstring(ast.parse(text)) or "").partition("\n")
    title, colon, summary = first.rstrip(".").partition(": ")
    if not colon:
        raise ValueError(f"benchmarks/{name}.py: the docstring must begin with 'Title: summary.'")
    return Description(title, summary, rest.strip())
