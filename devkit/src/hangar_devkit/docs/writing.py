"""Find the generated pages that are out of date, and write them."""

from collections.abc import Mapping
from pathlib import Path

from hangar_devkit.docs.mark import is_marked, marked
from hangar_devkit.docs.registry import Page, PageError


def stale(root: Path, pages: list[Page]) -> dict[Path, str | None]:
    """Find the pages that differ from their sources.

    Returns:
        Path and new text of each; None for a page to remove.
    """
    found: dict[Path, str | None] = {}
    for page in pages:
        path, text = root / page.path, page.make(root)
        current = _read(path)
        if text is not None and marked(text) != current:
            found[path] = marked(text)
        if text is None and current is not None and is_marked(current):
            found[path] = None
    return found


def write(texts: Mapping[Path, str | None]) -> None:
    """Write or remove each page; a page is replaced as a whole."""
    for path, text in texts.items():
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".tmp")
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise PageError(f"{path}: not UTF-8 text (byte {error.start}); delete it") from error
