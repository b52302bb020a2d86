"""The quarantine: tests that still run but do not fail the build, each with an end date.

The file is `quarantine.toml` at the project's root, checked in:

    [[test]]
    id = "tests/test_shop.py::test_pay"
    owner = "@payments"
    reason = "races with the mail worker"
    expires = 2026-12-24
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from typing import TYPE_CHECKING, Final, NamedTuple

from hangar_devkit.history.records import BROKEN, PASSED, XPASSED

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from pathlib import Path

FILE: Final = "quarantine.toml"
MAX_DAYS: Final = 30
_CALM_RUNS = 59  # 0.95 ** 59 < 0.05
_FIELDS = ("id", "owner", "reason", "expires")


class QuarantineError(Exception):
    """The quarantine file cannot be used; the message says where and why."""


class Entry(NamedTuple):
    """One test in quarantine.

    Attributes:
        id: Node id; an id without parameters stands for all of them.
        expires: The last day on which it holds.
    """

    id: str
    owner: str
    reason: str
    expires: dt.date

    def holds(self, today: dt.date) -> bool:
        """Tell whether the entry still protects the build."""
        return today <= self.expires

    def covers(self, nodeid: str) -> bool:
        """Tell whether a test is meant."""
        return nodeid == self.id or nodeid.startswith(f"{self.id}[")


def read(root: Path) -> list[Entry]:
    """Read the quarantine of a project; no file means no entry.

    Raises:
        QuarantineError: When the file or an entry is not as it must be.
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
            raise QuarantineError(f"{where}: `expires` is no date (2026-12-24)") from error
    if isinstance(expires, dt.datetime):
        expires = expires.date()
    if not isinstance(expires, dt.date):
        raise QuarantineError(f"{where}: `expires` is no date (2026-12-24)")
    return Entry(str(table["id"]), str(table["owner"]), str(table["reason"]), expires)


def write(root: Path, entries: Sequence[Entry]) -> None:
    """Write the quarantine file, all at once."""
    blocks = ["# Tests that run but do not fail the build, each until its date.\n"]
    blocks += [
        "[[test]]\n"
        f"id = {_quote(entry.id)}\nowner = {_quote(entry.owner)}\n"
        f"reason = {_quote(entry.reason)}\nexpires = {entry.expires.isoformat()}\n"
        for entry in entries
    ]
    path = root / FILE
    draft = path.with_name(f".{FILE}.new")
    draft.write_text("\n".join(blocks), encoding="utf-8")
    draft.replace(path)


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def add(root: Path, entry: Entry, today: dt.date) -> None:
    """Put a test into quarantine.

    Raises:
        QuarantineError: When it is there already, or for longer than is allowed.
    """
    if not entry.id or not entry.owner or not entry.reason:
        raise QuarantineError("a quarantine needs a test, an owner and a reason")
    if not 1 <= (entry.expires - today).days <= MAX_DAYS:
        raise QuarantineError(f"a quarantine lasts 1 to {MAX_DAYS} days")
    entries = read(root)
    if any(known.id == entry.id for known in entries):
        raise QuarantineError(f"{entry.id} is in quarantine already: edit {FILE}")
    write(root, [*entries, entry])


def release(root: Path, nodeid: str) -> None:
    """Take a test out of quarantine.

    Raises:
        QuarantineError: When it is not in it.
    """
    entries = read(root)
    kept = [entry for entry in entries if entry.id != nodeid]
    if len(kept) == len(entries):
        raise QuarantineError(f"{nodeid} is not in quarantine")
    write(root, kept)


def is_calm(connection: sqlite3.Connection, entry: Entry) -> bool:
    """Tell whether the evidence speaks for release.

    The latest runs of every test that the entry covers passed, and so often that a rate of
    failure above 5 % is unlikely (95 %).
    """
    rows = connection.execute(
        "SELECT id, nodeid FROM test WHERE nodeid=? OR substr(nodeid, 1, ?)=?",
        (entry.id, len(entry.id) + 1, f"{entry.id}["),
    ).fetchall()
    return bool(rows) and all(_passes(connection, test) >= _CALM_RUNS for test, _ in rows)


def _passes(connection: sqlite3.Connection, test: int) -> int:
    """Return how many of a test's latest attempts passed, without a failure in between."""
    count = 0
    for (outcome,) in connection.execute(
        "SELECT outcome FROM (SELECT id, started FROM run ORDER BY started DESC LIMIT ?) run"
        " CROSS JOIN result r ON r.run=run.id AND r.test=? ORDER BY run.started DESC, attempt DESC",
        (4 * _CALM_RUNS, test),
    ):
        if outcome in BROKEN:
            break
        count += outcome in {PASSED, XPASSED}
    return count
