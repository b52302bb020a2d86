"""Create decision records: a new one, or one that supersedes another."""

import re
import unicodedata
from pathlib import Path

from hangar_devkit.decisions.page import index
from hangar_devkit.decisions.records import INDEX, DecisionError, Record, load, name, parse, read
from hangar_devkit.docs import writing
from hangar_devkit.docs.mark import is_marked, marked

MAX_LENGTH = 60  # of the title in a file name, in characters

TEMPLATE = """\
---
status: {status}
date: {date}
{supersedes}---

# {title}

{note}## Context and Problem Statement

What is the situation, and what has to be decided? Two or three sentences, or a question.

## Considered Options

- The option that is taken
- An option that is not

## Decision Outcome

Chosen: "The option that is taken", because …

### Consequences

- Good, because …
- Bad, because …

## More Information

When should this be reviewed?
"""


def new(directory: Path, title: str, day: str) -> Path:
    """Create a record with the next free number, and update the index.

    Args:
        directory: Directory of the records.
        title: The decision, in a few words.
        day: Today, as YYYY-MM-DD.

    Returns:
        The new file.

    Raises:
        DecisionError: The title has no word in it, or a record cannot be read.
    """
    records = load(directory)
    path = directory / _file_name(_next(records), title)
    text = TEMPLATE.format(status="proposed", date=day, supersedes="", title=_title(title), note="")
    _write(directory, records, {path: text})
    return path


def supersede(directory: Path, number: int, title: str, day: str) -> Path:
    """Create a record that supersedes another, link both, and update the index.

    Args:
        directory: Directory of the records.
        number: Number of the superseded record.
        title: The new decision, in a few words.
        day: Today, as YYYY-MM-DD.

    Returns:
        The new file.

    Raises:
        DecisionError: There is no such record, or another supersedes it already.
    """
    records = load(directory)
    old = next((record for record in records if record.number == number), None)
    if old is None:
        raise DecisionError(f"there is no {name(number)} in {directory}; {INDEX} lists them")
    if old.superseded_by is not None:
        raise DecisionError(f"{old.path}: {old.status} already; supersede that one")
    path = directory / _file_name(_next(records), title)
    text = TEMPLATE.format(
        status="accepted",
        date=day,
        supersedes=f"supersedes: {name(number)}\n",
        title=_title(title),
        note=f"Supersedes [{name(number)}: {old.title}]({old.path.name}).\n\n",
    )
    by = parse(path, text)
    _write(directory, records, {path: text, old.path: _retire(old, by, day)})
    return path


def write_index(directory: Path) -> Path:
    """Write the index of the records."""
    _write(directory, load(directory), {})
    return directory / INDEX


def _next(records: list[Record]) -> int:
    return max((record.number for record in records), default=0) + 1


def _title(title: str) -> str:
    return " ".join(title.split())


def _file_name(number: int, title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    if not words:
        raise DecisionError(f"the title has no word of a-z or 0-9 in it: {title!r}")
    while len(words) > 1 and len("-".join(words)) > MAX_LENGTH:
        words.pop()
    return f"{number:04}-{'-'.join(words)[:MAX_LENGTH]}.md"


def _retire(old: Record, by: Record, day: str) -> str:
    """Return the text of a superseded record: its new status, and a link under its title."""
    text = read(old.path)
    status = f"status: superseded by {name(by.number)}"
    text, statuses = re.subn(r"^status:.*$", status, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^date:.*$", f"date: {day}", text, count=1, flags=re.MULTILINE)
    note = f"Superseded by [{name(by.number)}: {by.title}]({by.path.name})."
    linked = writing.below_title(text, note)
    if not statuses or linked == text:
        raise DecisionError(f"{old.path}: no status or no title; `hangar adr lint` shows the fix")
    return linked


def _write(directory: Path, records: list[Record], texts: dict[Path, str]) -> None:
    """Write files, then the index of all records, unless that was written by hand."""
    index_page = directory / INDEX
    if index_page.exists() and not is_marked(read(index_page)):
        raise DecisionError(writing.not_generated(index_page))
    now = {record.path: record for record in records}
    now |= {path: parse(path, text) for path, text in texts.items()}
    listed = sorted(now.values(), key=lambda record: record.path.name)
    writing.write({**texts, index_page: marked(index(listed))})
