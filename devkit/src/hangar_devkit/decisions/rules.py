"""What a set of decision records must keep to."""

from collections.abc import Iterator
from pathlib import Path

from hangar_devkit.docs.mark import marked

from .page import index
from .record import INDEX, STATUSES, Record, is_date, name, read


def problems(directory: Path, records: list[Record]) -> list[str]:
    """List what is wrong, a line each: `path: what, what to do`."""
    found = [*_numbers(records), *_fields(records), *_superseded(records), *_supersedes(records)]
    return found or list(_index(directory, records))


def _numbers(records: list[Record]) -> Iterator[str]:
    taken: dict[int, Record] = {}
    for record in records:
        if record.number in taken:
            other = taken[record.number].path.name
            yield f"{record.path}: {other} has the same number; give this one the next free"
        taken.setdefault(record.number, record)
    for expected, number in enumerate(sorted(taken), start=1):
        if number != expected:
            yield f"{taken[number].path}: there is no {name(expected)} before it; renumber"
            return


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
        if not is_date(record.date):
            yield f"{record.path}: date is '{record.date}'; write it as YYYY-MM-DD"


def _superseded(records: list[Record]) -> Iterator[str]:
    """Check that a record whose place was taken and its heir name each other, with links."""
    by_number = {record.number: record for record in records}
    for old in records:
        if old.superseded_by is None:
            continue
        heir = by_number.get(old.superseded_by)
        if heir is None or heir.number <= old.number:
            yield f"{old.path}: {old.status}, which is no later record"
            continue
        if old.number not in heir.supersedes:
            yield f"{heir.path}: write 'supersedes: {name(old.number)}' into its front matter"
        for one, other in ((old, heir), (heir, old)):
            if other.path.name not in one.links:
                yield f"{one.path}: add a link to {other.path.name}"


def _supersedes(records: list[Record]) -> Iterator[str]:
    """Check that what a record says it supersedes says so too."""
    by_number = {record.number: record for record in records}
    for heir in records:
        for number in heir.supersedes:
            old = by_number.get(number)
            if old is None:
                yield f"{heir.path}: supersedes {name(number)}, which is no record"
            elif old.superseded_by != heir.number:
                yield f"{old.path}: make its status 'superseded by {name(heir.number)}'"


def _index(directory: Path, records: list[Record]) -> Iterator[str]:
    path = directory / INDEX
    if not path.exists() or read(path) != marked(index(records)):
        yield f"{path}: out of step; run `adr index`"
