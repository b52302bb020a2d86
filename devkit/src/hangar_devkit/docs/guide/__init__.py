"""The guide to the development environment: pages in this package, and one on the preflight."""

from collections.abc import Iterator
from importlib.resources import files as resources
from importlib.resources.abc import Traversable
from pathlib import Path

from hangar_devkit.docs.registry import PageError
from hangar_devkit.preflight import pages as preflight
from hangar_devkit.preflight.errors import DeclarationError

FOLDER = "environment"
SUFFIXES = (".md", ".svg")
NO_MANIFEST = """\
# Preflight

The page lists what a project declares under `[tool.preflight]` in its `pyproject.toml`, and every
check. This project has no `pyproject.toml`.
"""


def files(root: Path) -> dict[str, str | bytes]:
    """Read the guide.

    Args:
        root: The project's root; the page on the preflight shows what is declared there.

    Returns:
        Path within the docs directory, with ``/``, and content: text of a page, bytes of a picture.

    Raises:
        PageError: The declaration of the project cannot be read.
    """
    found = {f"{FOLDER}/{path}": content for path, content in _read(resources(__name__))}
    return {**found, f"{FOLDER}/preflight.md": _preflight(root)}


def _read(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, str | bytes]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        path = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _read(entry, f"{path}/")
        elif path.endswith(SUFFIXES):
            text = path.endswith(".md")
            yield path, entry.read_text(encoding="utf-8") if text else entry.read_bytes()


def _preflight(root: Path) -> str:
    """Return the page on the preflight, which depends on what the project declares."""
    try:
        return preflight.page(str(root))
    except DeclarationError as error:
        if (root / "pyproject.toml").exists():
            raise PageError(f"{FOLDER}/preflight.md: {error}") from error
        return NO_MANIFEST
