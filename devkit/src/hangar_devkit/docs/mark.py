"""The front matter that marks a page as generated, for readers and for `hangar docs`."""

# Front matter, so that the page's title stays its first line.
MARK = """\
---
generated: "`nox -s docs -- pages` writes this page; edits to it are lost"
---

"""


def marked(text: str) -> str:
    """Return a page with the mark on top."""
    return MARK + text
