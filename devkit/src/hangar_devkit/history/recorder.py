"""Notes what pytest reports, in small batches."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hangar_devkit.history.attempts import Attempts
from hangar_devkit.history.content import ContentKeys
from hangar_devkit.history.environment import GitQuery, describe_run
from hangar_devkit.history.journal import Journal, has_news, piles_up, set_news

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hangar_devkit.history.records import Group
    from hangar_devkit.history.reports import Report
    from hangar_devkit.history.results import Result


class Recorder:
    """Records one session.

    Args:
        root: The project's root.
        path: The store's file.
        seed: What `environment.seeds` says.
    """

    def __init__(self, root: Path, path: Path, seed: str = "") -> None:
        self._path = path
        self._seed = seed
        self._started = time.time()
        self._git = GitQuery(root)
        self._attempts = Attempts(ContentKeys(root, self._started))
        self._collect_errors: list[Group | Result] = []
        self._journal: Journal | None = None

    def add_collect_error(self, report: Report) -> None:
        """Take the report of a file that could not be collected."""
        self._collect_errors.append(self._attempts.take_collect_error(report))

    def write(self, reports: Iterable[Report]) -> None:
        """Write the attempts that end with these reports.

        Raises:
            OSError: When they cannot be written.
        """
        self._append(self._attempts.take(reports))

    def finish(self, reports: Iterable[Report]) -> str:
        """Write the last reports.

        Returns:
            The uid of the run when the store must be looked at now, "" when that can wait.

        Raises:
            OSError: When they cannot be written.
        """
        rest = self._attempts.take(reports) + self._attempts.rest()
        self._append(rest, over=True)
        if self._journal and (has_news(self._path) or piles_up(self._path)):
            return self._journal.run.uid
        return ""

    def _append(self, rows: list[Group | Result], *, over: bool = False) -> None:
        rows = self._collect_errors + rows
        self._collect_errors = []
        if self._journal is None:
            if not rows:
                return
            run = describe_run(self._started, self._git.answer(), self._seed)
            self._journal = Journal(self._path, run)
        self._journal.append(rows, over=over)
        if self._attempts.broke:
            set_news(self._path, news=True)
