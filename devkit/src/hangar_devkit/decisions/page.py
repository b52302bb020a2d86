"""The index page of the decision records."""

from pathlib import Path

from hangar_devkit.decisions.records import DIRECTORY, Record, load

HEAD = """\
# Decisions

One record for each decision, with the options that were not taken
([MADR 4](https://adr.github.io/madr/) format). Records are not rewritten: a later one supersedes an
earlier one.

"""
TABLE = """\
| No. | Decision | Status | Date |
| --- | --- | --- | --- |
"""
FOOT = """
`nox -s adr -- new "Title"` creates the next one.
"""


def index(records: list[Record]) -> str:
    """Return the page that lists every record, newest last."""
    rows = "".join(_row(record, records) for record in records)
    return HEAD + (TABLE + rows if rows else "There are none yet.\n") + FOOT


def _row(record: Record, records: list[Record]) -> str:
    title = record.title.replace("|", "\\|")
    cells = f"{record.number:04}", f"[{title}]({record.path.name})", _status(record, records)
    return f"| {' | '.join(cells)} | {record.date} |\n"


def _status(record: Record, records: list[Record]) -> str:
    for other in records:
        if other.number == record.superseded_by:
            return f"superseded by [{other.number:04}]({other.path.name})"
    return record.status


def page(root: Path) -> str | None:
    """Return the index of a project, or None if it has no decisions."""
    directory = root / DIRECTORY
    return index(load(directory)) if directory.is_dir() else None
