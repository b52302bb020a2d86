"""Phrases that several outputs share."""

import re
import textwrap
from collections.abc import Iterable
from html import escape

from hangar_devkit.history.analysis.triage import Entry

# Control characters, the marks that reorder text, and halves of characters.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun, such as `3 tests`."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def printable(text: str) -> str:
    """Return a text without control characters, which a terminal would obey.

    They are escaped as Python does; line ends and tabs stay. So is a lone
    surrogate, which no output can encode.
    """
    return _CONTROLS.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def wrapped(lines: Iterable[str], width: int) -> list[str]:
    """Break lines that are too long, and indent what follows; a long word stays whole."""
    broken: list[str] = []
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()))
        broken += textwrap.wrap(
            line.strip(),
            width,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return broken


def interval(low: float, high: float) -> str:
    """Return an interval of rates, in per cent."""
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def location(path: str, line: int) -> str:
    """Return `path:line`, or the path alone when the line is not known."""
    return f"{path}:{line}" if line else path


def reason(entry: Entry) -> str:
    """Return why an entry has its rank, such as `4 failures in 2 of 3 runs, 2 tests, new`."""
    item = entry.item
    failures = count(entry.failures, "failure")
    parts = [f"{failures} in {entry.seen} of {count(entry.ran, 'run')}"]
    if item.type == "class":
        parts.append(count(len(item.tests), "test"))
    return ", ".join([*parts, item.state])


def markdown(text: str) -> str:
    """Escape a text for one line, or one table cell, of Markdown."""
    return re.sub(r"([\\`*_\[\]{}|~#])", r"\\\1", escape(_line(text), quote=False))


def markdown_code(text: str) -> str:
    """Return a text as inline code, for one line of Markdown outside a table."""
    line = _line(text)
    if "`" not in line:
        return f"`{line}`"
    fence = "`" * (1 + max(map(len, re.findall("`+", line))))
    return f"{fence} {line} {fence}"


def html(text: str) -> str:
    """Escape a text for HTML that may be part of a Markdown page."""
    return re.sub(r"[\\`*_\[\]{}|~]", lambda match: f"&#{ord(match[0])};", escape(_line(text)))


def _line(text: str) -> str:
    return printable(" ".join(text.split()))
