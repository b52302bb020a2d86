"""The generated pages of a project, and the functions that generate them."""

import importlib
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Maker = Callable[[Path], str | None]


class PageError(Exception):
    """Raised if a page cannot be generated; the message has the page and the reason."""


@dataclass(frozen=True)
class Page:
    """A generated page.

    Attributes:
        path: Path of the file, from the project's root.
        maker: `module:function`. The function takes the root and returns Markdown, or None if the
            project has no such page.
    """

    path: str
    maker: str

    def make(self, root: Path) -> str | None:
        """Generate the page.

        Raises:
            PageError: The function cannot be imported, or raised an error.
        """
        module, _, function = self.maker.partition(":")
        try:
            maker: Maker = getattr(importlib.import_module(module), function)
            return maker(root)
        except Exception as error:  # any function of the project
            name = type(error).__name__
            raise PageError(f"{self.path}: {self.maker} failed: {name}: {error}") from error


PAGES = (
    Page("docs/decisions/index.md", "hangar_devkit.decisions.page:page"),
    Page("docs/reference/command-line.md", "hangar_devkit.docs.command_line:page"),
    Page("docs/reference/contracts.md", "hangar_devkit.docs.contracts:page"),
    Page("docs/reference/sessions.md", "hangar_devkit.docs.sessions:page"),
)


def manifest(root: Path) -> dict[str, object]:
    """Read the project's `pyproject.toml`.

    Raises:
        PageError: It is missing or not TOML.
    """
    path = root / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PageError(f"{path}: {error.strerror}; run this in the project's root") from error
    except tomllib.TOMLDecodeError as error:
        raise PageError(f"{path}: {error}") from error


def pages(root: Path) -> list[Page]:
    """List the pages of a project: `PAGES`, and its own under `[tool.hangar.pages]`.

    A page of its own replaces one of `PAGES` at the same path.
    """
    own = table(manifest(root), "tool", "hangar", "pages")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))  # to import the functions of the project
    listed = {page.path: page for page in PAGES}
    listed |= {path: Page(path, str(maker)) for path, maker in own.items()}
    return list(listed.values())


def table(document: dict[str, object], *names: str) -> dict[str, object]:
    """Return a table of a TOML document; a missing one is empty."""
    for name in names:
        inner = document.get(name)
        document = inner if isinstance(inner, dict) else {}
    return document
