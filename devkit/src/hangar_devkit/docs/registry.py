"""Which pages are made, by what, and whether git keeps them."""

import importlib
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Maker = Callable[[Path], str | None]


class PageError(Exception):
    """A page cannot be made; the message says which and what to do."""


@dataclass(frozen=True)
class Page:
    """A page that nobody writes by hand.

    Attributes:
        path: The file, from the project's root.
        maker: `module:function`; given the root, it returns Markdown, or None where the project
            has nothing to say.
        kept: Whether the page is in git, so that a change of it is reviewed. A page that follows
            from this machine's own runs is not.
    """

    path: str
    maker: str
    kept: bool = True

    def make(self, root: Path) -> str | None:
        """Make the page.

        Raises:
            PageError: It cannot be made, for whatever reason the maker gives.
        """
        module, _, function = self.maker.partition(":")
        try:
            maker: Maker = getattr(importlib.import_module(module), function)
            return maker(root)
        except Exception as error:  # each part has error types of its own
            kind = type(error).__name__
            raise PageError(f"{self.path}: {self.maker} failed: {kind}: {error}") from error


PAGES = (
    Page("docs/decisions/index.md", "hangar_devkit.decisions.page:page"),
    Page("docs/reference/command-line.md", "hangar_devkit.docs.command_line:page"),
    Page("docs/reference/contracts.md", "hangar_devkit.docs.contracts:page"),
    Page("docs/reference/preflight.md", "hangar_devkit.preflight.pages:page"),
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
    """List the pages of a project: those above, and its own under `[tool.hangar.pages]`.

    One of its own takes the place of one above at the same path.
    """
    own = table(manifest(root), "tool", "hangar", "pages")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))  # so that a project's own makers can be imported
    listed = {page.path: page for page in PAGES}
    listed |= {path: Page(path, str(maker)) for path, maker in own.items()}
    return list(listed.values())


def table(document: dict[str, object], *names: str) -> dict[str, object]:
    """Look a table up in a TOML document; what is not there is empty."""
    for name in names:
        inner = document.get(name)
        document = inner if isinstance(inner, dict) else {}
    return document
