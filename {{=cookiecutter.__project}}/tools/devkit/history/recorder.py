"""Writes what pytest reports to the store, in small batches."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from devkit.history.attempts import Attempts
from devkit.history.content import ContentKeys
from devkit.history.environment import GitQuery, describe_run
from devkit.history.store import Store
from devkit.history.storefile import is_damage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from devkit.history.records import Result, Run
    from devkit.history.reports import Report


class Recorder:
    """Records one session.

    Args:
        root: The project's root.
        path: The store's file.
        seed: What `environment.seeds` says.

    Attributes:
        run: The run's number in the store, 0 as long as nothing was written.
        notes: What the user should be told.
    """

    def __init__(self, root: Path, path: Path, seed: str = "") -> None:
        self._path = path
        self._seed = seed
        self._started = time.time()
        self._git = GitQuery(root)
        self._attempts = Attempts(ContentKeys(root, self._started))
        self._pending: list[Result] = []
        self._written: list[Result] = []
        self._store: Store | None = None
        self._run: Run | None = None
        self.run = 0
        self.notes: list[str] = []

    def add_collect_error(self, report: Report) -> None:
        """Take the report of a file that could not be collected."""
        self._pending.append(self._attempts.take_collect_error(report))

    def write(self, reports: Iterable[Report]) -> None:
        """Write the attempts that end with these reports.

        On a store that another session holds they stay pending for the next time.

        Raises:
            StoreError: When the store cannot be opened.
            sqlite3.Error: When they cannot be written.
        """
        self._pending += self._attempts.take(reports)
        if not self._pending:
            return
        try:
            self._insert(self._pending)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            return
        except sqlite3.DatabaseError as error:
            if self._store is None or not is_damage(error):
                raise
            self._store.restart()
            self._note_damage(self._store)
            self.run = 0
            self._insert([*self._written, *self._pending])
        self._written += self._pending
        self._pending = []

    def _insert(self, results: list[Result]) -> None:
        if self._store is None:
            self._store = Store(self._path)
            self._note_damage(self._store)
        if self._run is None:
            self._run = describe_run(self._started, self._git.answer(), self._seed)
        run = self.run
        with self._store.transaction():
            run = run or self._store.begin_run(self._run)
            self._store.add_results(run, results)
        self.run = run

    def _note_damage(self, store: Store) -> None:
        if store.moved is not None:
            self.notes.append(
                f"the store was damaged and is now {store.moved.name}; a new one was begun"
            )

    def finish(self, reports: Iterable[Report]) -> Store | None:
        """Write the last reports and the totals.

        Returns:
            The open store, or None when nothing was run.

        Raises:
            StoreError: When the store cannot be opened.
            sqlite3.Error: When the rest cannot be written.
        """
        self.write(reports)
        self._pending += self._attempts.rest()
        self.write(())
        if self._pending:
            raise sqlite3.OperationalError("the store stayed locked by another session")
        if self._store is not None:
            self._store.finish_run(self.run, time.time() - self._started)
        return self._store
