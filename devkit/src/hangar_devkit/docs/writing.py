"""Compare the generated pages with what they should be, and write them."""

import re
from collections.abc import Mapping
from pathlib import Path

from hangar_devkit.docs.mark import is_marked, marked
from hangar_devkit.docs.registry import Page, PageError
from hangar_devkit.files import write_atomically


def stale(root: Path, pages: list[Page]) -> dict[Path, str | None]:
    """Find the pages that are out of date.

    Returns:
        The text that each should have; None where the page should not exist.

    Raises:
        PageError: A page cannot be generated, is not text, or was written by hand.
    """
    generated = {root / page.path: page.generate(root) for page in pages}
    texts: dict[Path, str | None] = {}
    for path, body in generated.items():
        text, current = (None if body is None else marked(body)), _read(path)
        if current is not None and not is_marked(current):
            if text is not None:
                raise PageError(not_generated(path))
        elif text != current:
            texts[path] = text
    return texts


def not_generated(path: Path) -> str:
    """Return why a page at the path of a generated one is left alone, and what to do."""
    return f"{path}: written by hand, so it is not replaced; rename it, or delete it"


def write(texts: Mapping[Path, str | None]) -> None:
    """Write each page, or delete it where it has no text."""
    for path, text in texts.items():
        if text is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)


def below_title(page: str, line: str) -> str:
    """Return a page with a line below its title; the page as it is, if it has none."""
    return re.sub(
        r"^# .+$", lambda title: f"{title[0]}\n\n{line}", page, count=1, flags=re.MULTILINE
    )


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise PageError(f"{path}: not UTF-8 text (byte {error.start}); delete it") from error
