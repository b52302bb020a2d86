"""The commands of `history quarantine`."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from hangar_devkit.history import quarantine
from hangar_devkit.history.opening import open_store
from hangar_devkit.history.storefile import StoreError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add(options: argparse.Namespace) -> int:
    """Let a test fail until a date."""
    days = min(options.days, 10 * quarantine.MAX_DAYS)
    expires = _today() + dt.timedelta(days=days)
    entry = quarantine.Entry(options.test, options.owner, options.reason, expires)
    quarantine.add(options.root, entry, _today())
    print(f"{entry.id} may fail until {entry.expires}")
    return 0


def release(options: argparse.Namespace) -> int:
    """Let a test count again."""
    quarantine.release(options.root, options.test)
    print(f"{options.test} counts again")
    return 0


def check(options: argparse.Namespace) -> int:
    """List the entries; 1 when one has expired."""
    entries = quarantine.read(options.root)
    expired = [entry for entry in entries if not entry.holds(_today())]
    ready = _releasable(options, entries)
    for entry in entries:
        state = "EXPIRED" if entry in expired else "ready for release" if entry.id in ready else ""
        print(f"{entry.id}  until {entry.expires}  {entry.owner}  {entry.reason}  {state}".rstrip())
    return 1 if expired else 0


def _releasable(options: argparse.Namespace, entries: Sequence[quarantine.Entry]) -> set[str]:
    try:
        with open_store(options) as store:
            return {e.id for e in entries if quarantine.is_calm(store.connection, e)}
    except StoreError:
        return set()


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
