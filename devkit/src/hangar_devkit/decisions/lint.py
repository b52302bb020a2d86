"""Check a set of decision records."""

from collections.abc import Iterator
from pathlib import Path

from hangar_devkit.decisions.edit import TEMPLATE
from hangar_devkit.decisions.page import index
from hangar_devkit.decisions.records import INDEX, STATUSES, Record, is_date, name, read
from hangar_devkit.decisions.rules import violations
from hangar_devkit.docs.mark import marked

# The sentences of a new record that its author replaces.
PLACEHOLDERS = {
    line
    for line in TEMPLATE.partition("# {title}")[2].splitlines()
    if line and not line.startswith(("#", "{"))
}


def problems(directory: Path, records: list[Record]) -> list[str]:
    """List the problems, a line each: `path: problem; fix`.

    Args:
        directory: Directory of the records.
        records: All of them. The paths of their rules are relative to the working directory.
    """
    checks = (_numbers, _fields, _placeholders, _superseded, _supersedes)
    found = [problem for check in checks for problem in check(records)]
    found += violations(records, Path())
    return found or list(_index(directory, records))


def _numbers(records: list[Record]) -> Iterator[str]:
    taken: dict[int, Record] = {}
    for record in records:
        other = taken.setdefault(record.number, record)
        if other is not record:
            yield f"{record.path}: {other.path.name} has the same number; use the next free one"


def _fields(records: list[Record]) -> Iterator[str]:
    for record in records:
        if not record.title:
            yield f"{record.path}: no title; begin the text with '# Title'"
        if record.status not in STATUSES and record.superseded_by is None:
            known = ", ".join(STATUSES)
            yield (
                f"{record.path}: status is '{record.status}'; "
                f"write one of {known}, superseded by ADR-NNNN"
            )
        # Optional: the template's own record has none, as nobody has made that decision yet.
        if record.date and not is_date(record.date):
            yield f"{record.path}: date is '{record.date}'; write it as YYYY-MM-DD"


def _placeholders(records: list[Record]) -> Iterator[str]:
    """Check that no sentence of the template is left."""
    for record in records:
        lines = enumerate(read(record.path).splitlines(), start=1)
        left = [(number, line) for number, line in lines if line in PLACEHOLDERS]
        if left:
            number, line = left[0]
            others = ", ".join(str(other) for other, _ in left[1:])
            more = f"; the same for line {others}" if others else ""
            yield f"{record.path}:{number}: still '{line}'; replace or delete it{more}"


def _superseded(records: list[Record]) -> Iterator[str]:
    """Check that a superseded record and its successor name each other, with links."""
    by_number = {record.number: record for record in records}
    for old in records:
        if old.superseded_by is None:
            continue
        successor = by_number.get(old.superseded_by)
        if successor is None or successor.number <= old.number:
            yield f"{old.path}: {old.status}, which is not a later record"
            continue
        if old.number not in successor.supersedes:
            yield f"{successor.path}: add 'supersedes: {name(old.number)}' to its front matter"
        for one, other in ((old, successor), (successor, old)):
            if other.path.name not in one.links:
                yield f"{one.path}: add a link to {other.path.name}"


def _supersedes(records: list[Record]) -> Iterator[str]:
    """Check the status of each record that another supersedes."""
    by_number = {record.number: record for record in records}
    for successor in records:
        for number in successor.supersedes:
            old = by_number.get(number)
            if old is None:
                yield f"{successor.path}: supersedes {name(number)}, which does not exist"
            elif old.superseded_by != successor.number:
                yield f"{old.path}: set its status to 'superseded by {name(successor.number)}'"


def _index(directory: Path, records: list[Record]) -> Iterator[str]:
    path = directory / INDEX
    if not path.exists() or read(path) != marked(index(records)):
        yield f"{path}: out of date; run `hangar adr index`"
