"""The report for people: what was found, why it matters, and the fix, each on a line of its own."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

from hangar_devkit.preflight.run import counts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from hangar_devkit.preflight.run import Finding, Run

MARKS = {"error": "✗", "warn": "!", "unknown": "?", "ok": "✓", "skip": "-", "fix": "→"}
PLAIN_MARKS = {"error": "x", "warn": "!", "unknown": "?", "ok": "+", "skip": "-", "fix": ">"}
COLOURS = {"error": "31", "warn": "33", "unknown": "35", "ok": "32", "skip": "2", "fix": "36"}
NOUNS = {
    "error": ("error", "errors"),
    "warn": ("warning", "warnings"),
    "unknown": ("could not be checked", "could not be checked"),
    "ok": ("ok", "ok"),
    "skip": ("skipped", "skipped"),
}
INDENT = " " * len("x PF101  ")


class Style(NamedTuple):
    """What a terminal can show."""

    width: int = 80
    colour: bool = False
    unicode: bool = True

    def paint(self, text: str, state: str) -> str:
        """Return a text in the colour of a state."""
        return f"\033[{COLOURS[state]}m{text}\033[0m" if self.colour else text

    def mark(self, state: str) -> str:
        """Return the sign of a state in its colour."""
        return self.paint((MARKS if self.unicode else PLAIN_MARKS)[state], state)

    def strong(self, text: str) -> str:
        """Return a text in bold."""
        return f"\033[1m{text}\033[0m" if self.colour else text

    def faint(self, text: str) -> str:
        """Return a text in a faint colour."""
        return f"\033[2m{text}\033[0m" if self.colour else text


def style_of(stream: TextIO, environ: Mapping[str, str]) -> Style:
    """Return the style for a stream; respect `NO_COLOR`, `FORCE_COLOR` and `COLUMNS`."""
    import os

    terminal = stream.isatty() and environ.get("TERM") != "dumb"
    colour = bool(environ.get("FORCE_COLOR")) or (terminal and not environ.get("NO_COLOR"))
    width = environ.get("COLUMNS", "")
    if not width.isdigit() and terminal:
        width = str(os.get_terminal_size(stream.fileno()).columns)
    unicode = (stream.encoding or "").lower().replace("-", "").startswith("utf")
    return Style(min(int(width) if width.isdigit() else 80, 100) or 80, colour, unicode)


def render(run: Run, style: Style, *, verbose: bool = False) -> str:
    """Return the report; passed checks are only counted, unless ``verbose``."""
    dot = " · " if style.unicode else " | "
    where = f"Python {run.python} on {run.platform}"
    head = dot.join([style.strong("preflight"), run.project, " + ".join(run.scopes), where])
    shown = [f for f in run.findings if verbose or f.state not in ("ok", "skip")]
    quiet = [_line(f, style) for f in shown if f.state in ("ok", "skip")]
    loud = [_paragraph(f, style) for f in shown if f.state in ("error", "warn")]
    unchecked = _unchecked([f for f in shown if f.state == "unknown"], style)
    parts = [head, "\n".join(quiet), *loud, *unchecked, _summary(run.findings, style, dot)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(finding: Finding, style: Style) -> str:
    text = f"{finding.title}: {finding.found}"
    return f"{style.mark(finding.state)} {finding.id}  {style.faint(text)}"


def _paragraph(finding: Finding, style: Style) -> str:
    ignored = " (ignored)" if finding.ignored else ""
    found = _wrap(finding.found + ignored, style.width)
    why = _wrap(finding.why, style.width)
    lines = [f"{style.mark(finding.state)} {style.strong(finding.id)}  {found[0]}"]
    lines += [INDENT + text for text in found[1:]]
    lines += [INDENT + style.faint(text) for text in why]
    if finding.fix:
        lines.append(_fix(finding.fix, style))
    return "\n".join(lines)


def _unchecked(findings: list[Finding], style: Style) -> list[str]:
    """Return what could not be checked; checks with the same reason share a paragraph."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for finding in findings:
        reasons.setdefault((finding.found, finding.fix), []).append(finding.id)
    paragraphs = []
    for (found, fix), ids in reasons.items():
        first, *rest = _wrap(f"could not check: {found}", style.width)
        lines = [f"{style.mark('unknown')} {style.strong(ids[0])}  {first}"]
        if len(ids) > 1:
            rest += _wrap(f"nor {', '.join(ids[1:])}", style.width)
        lines += [INDENT + text for text in rest]
        if fix:
            lines.append(_fix(fix, style))
        paragraphs.append("\n".join(lines))
    return paragraphs


def _summary(findings: list[Finding], style: Style, dot: str) -> str:
    parts = []
    for state, number in counts(findings).items():
        if number or state == "ok":
            text = f"{number} {NOUNS[state][number != 1]}"
            parts.append(style.paint(text, state) if state != "skip" else style.faint(text))
    return dot.join(parts)


def _fix(command: str, style: Style) -> str:
    """Return the line of a fix. It is never wrapped, so that it can be copied."""
    return f"{INDENT}{style.mark('fix')} {style.paint(command, 'fix')}"


def _wrap(text: str, width: int) -> list[str]:
    room = max(30, width - len(INDENT))
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
