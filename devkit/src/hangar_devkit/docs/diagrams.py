"""Markdown extension: draw ```mermaid blocks during the build, without scripts in the browser."""

import base64
import html
import json
import re
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})\s*(?P<language>\S*)")
TITLE = re.compile(r"^\s*accTitle:\s*(.+)$", re.MULTILINE)
# Material shows the picture for the reader's colour scheme.
SCHEMES = {
    "light": {"paper": "#ffffff", "fill": "#eef4f6", "ink": "#17313e", "line": "#5b7480"},
    "dark": {"paper": "#1e2428", "fill": "#22333c", "ink": "#dce5e9", "line": "#8ba3ae"},
}


class DiagramError(ValueError):
    """Raised if a diagram cannot be drawn; the message has its first line and the reason."""


class Diagrams(Preprocessor):
    """Replace each unindented `mermaid` block by a light and a dark picture."""

    def run(self, lines: list[str]) -> list[str]:
        """Rewrite the lines of one page."""
        out: list[str] = []
        block: list[str] | None = None  # of a diagram, while in one
        closing = ""  # of any fence, while in one
        for line in lines:
            if not closing and (opening := FENCE.match(line)):
                closing = opening["fence"]
                block = [] if opening["language"] == "mermaid" else None
                out += [line] if block is None else []
            elif closing and line.rstrip() == closing:
                out.append(line if block is None else self._picture(block))
                closing, block = "", None
            elif block is None:
                out.append(line)
            else:
                block.append(line)
        return out

    def _picture(self, block: list[str]) -> str:
        return str(self.md.htmlStash.store(draw("\n".join(block))))


class DiagramsExtension(Extension):
    """Register the preprocessor after the text is cleaned, before fenced blocks are read."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - Python-Markdown's name
        """Add it to a Markdown instance."""
        md.preprocessors.register(Diagrams(md), "hangar-diagrams", 27)


def makeExtension(**settings: Any) -> DiagramsExtension:  # noqa: ANN401, N802
    """Return the extension; Python-Markdown finds this function by its name."""
    return DiagramsExtension(**settings)


def draw(source: str) -> str:
    """Draw a diagram as HTML of two pictures.

    Raises:
        DiagramError: The source is not a valid diagram.
    """
    import mmdr  # noqa: PLC0415 - 27 MB, and few pages have a diagram

    title = TITLE.search(source)
    alt = html.escape(title[1] if title else "Diagram")
    pictures = []
    for scheme, colours in SCHEMES.items():
        try:
            svg = mmdr.render(_settings(colours) + source).svg()
        except ValueError as error:
            raise DiagramError(f"diagram '{source.strip().splitlines()[0]}': {error}") from error
        data = base64.b64encode(svg.encode()).decode()
        pictures.append(f'<img alt="{alt}" src="data:image/svg+xml;base64,{data}#only-{scheme}">')
    return f'<p class="diagram">{"".join(pictures)}</p>'


def _settings(colours: dict[str, str]) -> str:
    """Return the directive that gives a diagram the colours of the pages."""
    variables = {
        "background": colours["paper"],
        "edgeLabelBackground": colours["paper"],
        "fontFamily": "system-ui, sans-serif",
        "fontSize": "14px",
        "lineColor": colours["line"],
        "primaryBorderColor": colours["line"],
        "primaryColor": colours["fill"],
        "primaryTextColor": colours["ink"],
    }
    settings = {"theme": "base", "look": "classic", "themeVariables": variables}
    return f"%%{{init: {json.dumps(settings)}}}%%\n"
