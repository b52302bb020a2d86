"""The lines that tell a reader, and us, that a file is made and not written."""

# Front matter, so that the page's title stays its first line.
MARK = """\
---
generated: "`nox -s docs -- pages` writes this page; edits to it are lost"
---

"""


def marked(text: str) -> str:
    """Put the mark on top of a page."""
    return MARK + text
