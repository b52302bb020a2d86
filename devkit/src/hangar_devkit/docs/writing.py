"""Bring the pages in step with what they are made from, or say which are not."""

from pathlib import Path

from .mark import MARK, marked
from .registry import Page, PageError


def stale(root: Path, pages: list[Page]) -> dict[Path, str | None]:
    """Find the pages that differ from what is made now.

    Returns:
        The text that each should have; None where the page should not be there.
    """
    wanted = {root / page.path: page.make(root) for page in pages}
    found: dict[Path, str | None] = {}
    for path, made in wanted.items():
        text, now = (None if made is None else marked(made)), _read(path)
        if text != now and not (text is None and now is not None and not now.startswith(MARK)):
            found[path] = text
    return found


def write(texts: dict[Path, str | None]) -> None:
    """Write, or remove, each page whole."""
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
