"""Write decision records: a new one, or one that takes another's place."""

import re
import unicodedata
from pathlib import Path

from hangar_devkit.docs.mark import marked
from hangar_devkit.files import write_atomically

from .page import index
from .record import INDEX, DecisionError, Record, load, name, parse, read

LONGEST = 60  # characters of a title in a file name

TEMPLATE = """\
---
status: {status}
date: {date}
{supersedes}---

# {title}

{note}## Context and Problem Statement

What is the case, and what has to be decided? Two or three sentences, or a question.

## Considered Options

- The option that is taken
- An option that is not

## Decision Outcome

Chosen: "The option that is taken", because …

### Consequences

- Good, because …
- Bad, because …

## More Information

When should this be looked at again?
"""


def new(directory: Path, title: str, day: str) -> Path:
    """Begin a record with the next free number, and bring the index in step.

    Args:
        directory: Where the records are.
        title: What is decided, in a few words.
        day: Today, as YYYY-MM-DD.

    Returns:
        The new file.

    Raises:
        DecisionError: The title has no word in it, or a record is unreadable.
    """
    records = load(directory)
    path = directory / _file_name(_next(records), title)
    text = TEMPLATE.format(status="proposed", date=day, supersedes="", title=_title(title), note="")
    _write(directory, records, {path: text})
    return path


def supersede(directory: Path, number: int, title: str, day: str) -> Path:
    """Begin a record that takes another's place, and say so in both and in the index.

    Args:
        directory: Where the records are.
        number: Of the record whose place is taken.
        title: What is decided now, in a few words.
        day: Today, as YYYY-MM-DD.

    Returns:
        The new file.

    Raises:
        DecisionError: There is no such record, or it has been superseded before.
    """
    records = load(directory)
    old = next((record for record in records if record.number == number), None)
    if old is None:
        raise DecisionError(f"there is no {name(number)} in {directory}; `adr list` shows them")
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
    """Bring the index in step with the records."""
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
    while len(words) > 1 and len("-".join(words)) > LONGEST:
        words.pop()
    return f"{number:04}-{'-'.join(words)[:LONGEST]}.md"


def _retire(old: Record, by: Record, day: str) -> str:
    """Give the old record its new status, and a link under its title."""
    text = read(old.path)
    status = f"status: superseded by {name(by.number)}"
    text, statuses = re.subn(r"^status:.*$", status, text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^date:.*$", f"date: {day}", text, count=1, flags=re.MULTILINE)
    note = f"Superseded by [{name(by.number)}: {by.title}]({by.path.name})."
    text, titles = re.subn(
        r"^# .+$", lambda title: f"{title[0]}\n\n{note}", text, count=1, flags=re.MULTILINE
    )
    if not (statuses and titles):
        raise DecisionError(f"{old.path}: has no status or no title; `adr lint` says what to mend")
    return text


def _write(directory: Path, records: list[Record], texts: dict[Path, str]) -> None:
    """Write files and the index that follows from them; each file whole or not at all."""
    now = {record.path: record for record in records}
    now |= {path: parse(path, text) for path, text in texts.items()}
    listed = sorted(now.values(), key=lambda record: record.path.name)
    directory.mkdir(parents=True, exist_ok=True)
    for path, text in {**texts, directory / INDEX: marked(index(listed))}.items():
        write_atomically(path, text)
