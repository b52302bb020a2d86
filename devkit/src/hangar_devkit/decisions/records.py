"""Read decision records."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

DIRECTORY = Path("docs/decisions")
INDEX = "index.md"
STATUSES = ("proposed", "accepted", "rejected", "deprecated")

FILE_NAME = re.compile(r"(\d{4})-([a-z0-9]+(?:-[a-z0-9]+)*)\.md")
FRONT_MATTER = re.compile(r"\A---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)
REFERENCE = re.compile(r"ADR-(\d{4})")
SUPERSEDED = re.compile(r"superseded by ADR-(\d{4})")


class DecisionError(Exception):
    """Raised if a command cannot run; the message has the reason and the fix."""


@dataclass(frozen=True)
class Record:
    """What one file contains; a field that it lacks is empty."""

    path: Path
    number: int
    title: str
    status: str
    date: str
    supersedes: tuple[int, ...]
    links: frozenset[str]
    forbid: str = ""
    paths: tuple[str, ...] = ()

    @property
    def superseded_by(self) -> int | None:
        """Number of the record that supersedes this one, if any."""
        match = SUPERSEDED.fullmatch(self.status)
        return int(match[1]) if match else None


def name(number: int) -> str:
    """Format a number as it is cited, such as ADR-0007."""
    return f"ADR-{number:04}"


def parse(path: Path, text: str) -> Record:
    """Parse a record from the text of its file.

    Raises:
        DecisionError: The file's name is not `NNNN-title-in-words.md`.
    """
    match = FILE_NAME.fullmatch(path.name)
    if not match:
        raise DecisionError(f"{path}: the name is not NNNN-title-in-words.md; rename the file")
    front = FRONT_MATTER.match(text)
    fields = _fields(front[1]) if front else {}
    body = text[front.end() :] if front else text
    title = re.search(r"^# (.+)$", body, re.MULTILINE)
    return Record(
        path=path,
        number=int(match[1]),
        title=title[1].strip() if title else "",
        status=fields.get("status", ""),
        date=fields.get("date", ""),
        supersedes=tuple(int(n) for n in REFERENCE.findall(fields.get("supersedes", ""))),
        links=frozenset(re.findall(r"\]\(([^)#\s]+)", body)),
        forbid=fields.get("forbid", ""),
        paths=tuple(fields.get("paths", "").split()),
    )


def _fields(front: str) -> dict[str, str]:
    """Parse the simple `key: value` lines of front matter."""
    pairs = (line.partition(":") for line in front.splitlines())
    return {key.strip(): _unquoted(value.strip()) for key, colon, value in pairs if colon}


def _unquoted(value: str) -> str:
    """Return the text of a YAML scalar: in single quotes, two of them stand for one."""
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1].replace("''", "'")
    return value.strip('"')


def read(path: Path) -> str:
    """Read a file as text.

    Raises:
        DecisionError: The file cannot be read, or is not UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DecisionError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DecisionError(f"{path}: not UTF-8 text (byte {error.start})") from error


def load(directory: Path) -> list[Record]:
    """Read every record of a directory, in the order of their numbers.

    Raises:
        DecisionError: A file cannot be read, or its name is wrong.
    """
    files = sorted(path for path in directory.glob("*.md") if path.name != INDEX)
    return [parse(path, read(path)) for path in files]


def is_date(text: str) -> bool:
    """Return whether a text is a date, as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
