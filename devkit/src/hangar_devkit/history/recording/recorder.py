"""Records one session: writes what pytest reports to a journal, in small batches."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from hangar_devkit.history.recording.attempts import Attempts
from hangar_devkit.history.recording.content import ContentKeys
from hangar_devkit.history.recording.environment import GitQuery, describe_run
from hangar_devkit.history.records import Group
from hangar_devkit.history.store.journal import (
    Journal,
    has_failures,
    set_failures,
    should_ingest,
)

if TYPE_CHECKING:
    from hangar_devkit.history.recording.attempts import Report
    from hangar_devkit.history.results import Result


class Recorder:
    """The recorder of one session.

    Args:
        root: The project's root.
        path: Path of the store.
        seed: What `environment.seeds` returned.
        invocation: Returns what `content_facts.describe_invocation` does; called late.
    """

    def __init__(
        self,
        root: Path,
        path: Path,
        seed: str = "",
        invocation: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._path = path
        self._seed = seed
        self._started = time.time()
        self._git = GitQuery(root)
        self._keys = ContentKeys(root, self._started, invocation)
        self._attempts = Attempts(self._keys)
        self._collect_errors: "list[Group | Result]" = []  # noqa: UP037 - as in `attempts`
        self._journal: Journal | None = None

    def add_collect_error(self, report: "Report") -> None:
        """Add the report of a file that could not be collected."""
        self._collect_errors.append(self._attempts.take_collect_error(report))

    def write(self, reports: "Iterable[Report]") -> None:
        """Write the attempts that end with these reports.

        Raises:
            OSError: They cannot be written.
        """
        self._append(self._attempts.take(reports))

    def finish(self, reports: "Iterable[Report]") -> str:
        """Write the last reports.

        Returns:
            The uid of the run when the store must be opened now, "" when it can wait.

        Raises:
            OSError: They cannot be written.
        """
        rest = self._attempts.take(reports) + self._attempts.rest()
        self._append(rest, over=True)
        if self._journal:
            self._keys.save_facts(self._path)
        if self._journal and (has_failures(self._path) or should_ingest(self._path)):
            return self._journal.run.uid
        return ""

    def _append(self, rows: "list[Group | Result]", *, over: bool = False) -> None:
        rows = self._collect_errors + rows
        self._collect_errors = []
        if self._journal is None:
            if not rows:
                return
            run = describe_run(self._started, self._git.answer(), self._seed)
            self._journal = Journal(self._path, run)
        self._journal.append(rows, over=over)
        if self._attempts.broke:
            set_failures(self._path, present=True)
