"""The quarantine file: tests that still run but may fail, each until a date.

The file is `quarantine.toml` at the project's root, under version control:

    [[test]]
    id = "tests/test_shop.py::test_pay"
    owner = "@payments"
    reason = "races with the mail worker"
    expires = 2026-12-24
"""

import datetime as dt
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = "quarantine.toml"
MAX_DAYS: Final = 30
_FIELDS = ("id", "owner", "reason", "expires")
_NO_DATE = "`expires` is not a valid date, such as 2026-12-24"


class QuarantineError(Exception):
    """The quarantine file cannot be used; the message says where and why."""


class Entry(NamedTuple):
    """One test in quarantine.

    Attributes:
        id: Node id; an id without parameters stands for all of them.
        expires: The last day on which the test may fail.
        unproven: Whether its flakiness was not proven when it was added.
    """

    id: str
    owner: str
    reason: str
    expires: dt.date
    unproven: bool = False

    def is_active(self, today: dt.date) -> bool:
        """Return whether the entry has not expired."""
        return today <= self.expires

    def covers(self, nodeid: str) -> bool:
        """Return whether the entry is about a test."""
        return nodeid == self.id or nodeid.startswith(f"{self.id}[")


def read(root: Path) -> list[Entry]:
    """Read the quarantine of a project; no file means no entry.

    Raises:
        QuarantineError: The file or an entry is not valid.
    """
    path = root / FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise QuarantineError(f"{FILE}: cannot be read: {error}") from error
    try:
        tables = tomllib.loads(text).get("test", [])
    except tomllib.TOMLDecodeError as error:
        raise QuarantineError(f"{FILE}: not TOML: {error}") from error
    if not isinstance(tables, list):
        raise QuarantineError(f"{FILE}: write each test as [[test]]")
    return [_entry(table, number) for number, table in enumerate(tables, 1)]


def _entry(table: object, number: int) -> Entry:
    where = f"{FILE}: test {number}"
    if not isinstance(table, dict):
        raise QuarantineError(f"{where}: write it as [[test]]")
    for field in _FIELDS:
        if not table.get(field):
            raise QuarantineError(f"{where}: `{field}` is missing")
    expires = table["expires"]
    if isinstance(expires, str):
        try:
            expires = dt.date.fromisoformat(expires)
        except ValueError as error:
            raise QuarantineError(f"{where}: {_NO_DATE}") from error
    if isinstance(expires, dt.datetime):
        expires = expires.date()
    if not isinstance(expires, dt.date):
        raise QuarantineError(f"{where}: {_NO_DATE}")
    unproven = table.get("unproven") is True
    return Entry(str(table["id"]), str(table["owner"]), str(table["reason"]), expires, unproven)


def write(root: Path, entries: Sequence[Entry]) -> None:
    """Write the quarantine file, all at once."""
    blocks = ["# Tests that run but may fail, each until its date.\n"]
    blocks += [
        "[[test]]\n"
        f"id = {_quote(entry.id)}\nowner = {_quote(entry.owner)}\n"
        f"reason = {_quote(entry.reason)}\nexpires = {entry.expires.isoformat()}\n"
        + ("unproven = true\n" if entry.unproven else "")
        for entry in entries
    ]
    from hangar_devkit.files import write_atomically  # sessions only read the list

    write_atomically(root / FILE, "\n".join(blocks))


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def add(root: Path, entry: Entry, today: dt.date) -> None:
    """Add a test to the quarantine.

    Raises:
        QuarantineError: It is quarantined already, or the period is too long.
    """
    if not entry.id or not entry.owner or not entry.reason:
        raise QuarantineError("a quarantine entry needs a test, an owner and a reason")
    if not 1 <= (entry.expires - today).days <= MAX_DAYS:
        raise QuarantineError(f"a quarantine lasts 1 to {MAX_DAYS} days")
    entries = read(root)
    if any(known.id == entry.id for known in entries):
        raise QuarantineError(f"{entry.id} is in quarantine already: edit {FILE}")
    write(root, [*entries, entry])


def release(root: Path, nodeid: str) -> None:
    """Remove a test from the quarantine.

    Raises:
        QuarantineError: It is not quarantined.
    """
    entries = read(root)
    kept = [entry for entry in entries if entry.id != nodeid]
    if len(kept) == len(entries):
        raise QuarantineError(f"{nodeid} is not in quarantine")
    write(root, kept)
