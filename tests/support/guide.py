"""Follow a page of the guide: edit the files that its blocks name, and run its commands."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.support.template import ROOT

GUIDE = ROOT / "devkit/src/hangar_devkit/docs/guide"
BLOCK = re.compile(
    r'^(?P<indent> *)```(?P<language>\w+)(?: title="(?P<title>[^"\n]+)")?\n'
    r"(?P<text>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
PLACE = re.compile(
    r"(?P<path>[^,]+)(?:, (?P<where>below|in place of|at the end)(?:: (?P<mark>.+))?)?"
)


class Step(NamedTuple):
    """A block of a page: a command to type, or a text and its place in a file."""

    text: str
    title: str = ""

    def edit(self, project: Path) -> None:
        """Put the text in its place.

        Raises:
            LookupError: The file has no such place, or several.
        """
        found = PLACE.fullmatch(self.title)
        assert found, self.title
        file, where, mark = project / found["path"], found["where"], found["mark"]
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True) if where else []
        if where in {"below", "in place of"}:
            places = [number for number, line in enumerate(lines) if mark in line]
            if len(places) != 1:
                raise LookupError(f"{self.title}: {len(places)} places")
            lines[places[0] + (where == "below") : places[0] + 1] = [self.text]
        else:
            lines.append(self.text)
        file.write_text("".join(lines), encoding="utf-8")


def steps(page: str, heading: str = "") -> Iterator[Step]:
    """Yield the blocks of a page, or of one of its sections, that a reader types."""
    text = (GUIDE / page).read_text(encoding="utf-8")
    if heading:
        text = re.split(r"^## ", text.split(f"\n## {heading}\n")[1], flags=re.MULTILINE)[0]
    for block in BLOCK.finditer(text):
        content = textwrap.dedent(block["text"]) if block["indent"] else block["text"]
        if block["title"]:
            yield Step(content, block["title"])
        elif block["language"] == "sh":
            yield from (Step(line) for line in content.splitlines())
