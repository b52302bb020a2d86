"""The generated pages of a project, and the functions that generate them."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit import pyproject

Generator = Callable[[Path], str | None]


class PageError(Exception):
    """A page cannot be generated; the message says which and what to do."""


@dataclass(frozen=True)
class Page:
    """A generated page.

    Attributes:
        path: The file, from the project's root.
        generator: `module:function`; given the root, it returns Markdown, or None where the project
            has nothing to document.
    """

    path: str
    generator: str

    def generate(self, root: Path) -> str | None:
        """Return the page as Markdown.

        Raises:
            PageError: The generator cannot be imported, or fails.
        """
        module, _, function = self.generator.partition(":")
        try:
            generator: Generator = getattr(importlib.import_module(module), function)
            return generator(root)
        except Exception as error:  # each part has error types of its own
            name = type(error).__name__
            raise PageError(f"{self.path}: {self.generator} failed: {name}: {error}") from error


PAGES = (
    Page("docs/decisions/index.md", "hangar_devkit.decisions.page:page"),
    Page("docs/reference/command-line.md", "hangar_devkit.docs.command_line:page"),
    Page("docs/reference/contracts.md", "hangar_devkit.docs.contracts:page"),
    Page("docs/reference/sessions.md", "hangar_devkit.docs.sessions:page"),
)


def pages(root: Path) -> list[Page]:
    """List the pages of a project: those above, and its own under `[tool.hangar.pages]`.

    A page of its own replaces one above at the same path.

    Raises:
        PyprojectError: The `pyproject.toml` cannot be read.
    """
    own = pyproject.table(pyproject.load(root), "tool", "hangar", "pages")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))  # so that a project's own generators can be imported
    listed = {page.path: page for page in PAGES}
    listed |= {path: Page(path, str(generator)) for path, generator in own.items()}
    return list(listed.values())
