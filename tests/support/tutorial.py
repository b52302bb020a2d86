"""Follow a tutorial: write the files that a page shows, type its commands, compare the output."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.reader import Reader, script

# A block of code at the left margin: its language, its title if it has one, its text.
BLOCK = re.compile(
    r'^```(?P<language>\w+)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$',
    re.MULTILINE | re.DOTALL,
)
PLACE = re.compile(r"(?P<path>.+), below '(?P<line>.+)'")


@dataclass(frozen=True)
class Block:
    """One block of a page: a file if it has a title, else commands (sh) or their output (text)."""

    language: str
    title: str
    text: str


def blocks(page: Path) -> list[Block]:
    """List the blocks of a page, in order."""
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(match["language"], match["title"] or "", match["text"]) for match in found]


def follow(page: Path, project: Path, reader: Reader, instead: dict[str, str]) -> list[str]:
    """Do in a project what a page says.

    Args:
        page: A page of the tutorial.
        project: The project's root directory.
        reader: Who types the commands.
        instead: Words of commands, and what is typed in place of them.

    Returns:
        The lines of output that the page promises and the last commands did not show.

    Raises:
        AssertionError: A command failed, or a line to write below is missing.
    """
    seen, missing = "", []
    for block in blocks(page):
        if block.title:
            write(project, block)
        elif block.language == "sh":
            text = block.text
            for words, other in instead.items():
                text = text.replace(words, other)
            seen = reader.sees(script(text.splitlines(), {}), project)
        elif block.language == "text":
            missing += [line for line in block.text.splitlines() if line.strip() not in seen]
    return missing


def write(project: Path, block: Block) -> None:
    """Write the file of a block, or the lines that it adds to one."""
    place = PLACE.fullmatch(block.title)
    path = project / (place["path"] if place else block.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    text = block.text
    if place:
        before = path.read_text(encoding="utf-8")
        assert place["line"] in before, f"{path} has no line with {place['line']!r}"
        end = before.index("\n", before.index(place["line"])) + 1
        text = before[:end] + text + before[end:]
    path.write_text(text, encoding="utf-8")
