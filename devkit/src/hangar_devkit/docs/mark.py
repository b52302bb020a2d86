"""The lines that mark a page as generated."""

# Front matter, so that the page's title stays its first line.
MARK = """\
---
generated: "`nox -s docs -- pages` writes this page; edit what it is generated from"
---

"""


def marked(text: str) -> str:
    """Add the mark to a page."""
    return MARK + text


def is_marked(text: str) -> bool:
    """Return whether a page has the mark, or that of an earlier release."""
    return text.startswith(MARK.partition(":")[0])
