"""Records one session: writes what pytest reports to a journal, in small batches."""

import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hangar_devkit.history.recording.attempts import Attempts
from hangar_devkit.history.recording.content_keys import ContentKeys
from hangar_devkit.history.recording.environment import GitQuery, describe_run
from hangar_devkit.history.records import GROUP, Group
from hangar_devkit.history.store.journal import (
    Journal,
    has_failures,
    set_failures,
    should_ingest,
)
from hangar_devkit.history.system import SYSTEM

if TYPE_CHECKING:
    import pytest

    from hangar_devkit.history.recording.attempts import Report
    from hangar_devkit.history.results import Result
    from hangar_devkit.history.store.marker import Marker


class Recorder:
    """The recorder of one session.

    Args:
        root: The project's root.
        path: Path of the store.
        seed: What `environment.seeds` returned.
        invocation: Returns what `session_facts.describe_invocation` does; called late.
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
        self._started = SYSTEM.now()
        self._git = GitQuery(root)
        self._keys = ContentKeys(root, self._started, invocation)
        self._attempts = Attempts(self._keys)
        self._collect_errors: "list[Group | Result]" = []  # noqa: UP037 - as in `attempts`
        self._journal: Journal | None = None
        self._wrote = False

    def begin(self, items: "Sequence[pytest.Item]") -> "Marker | None":
        """Describe the run, and mark the session as alive where that is possible.

        Args:
            items: The tests in their order; empty to mark nothing.
        """
        self._journal = self._new_journal()
        if items:
            with contextlib.suppress(OSError):
                return self._journal.mark(items)
        return None

    def _new_journal(self) -> Journal:
        return Journal(self._path, describe_run(self._started, self._git.answer(), self._seed))

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
        if self._journal is None or not self._wrote:
            return ""
        with contextlib.suppress(Exception):  # they only explain what changed later
            self._keys.save_facts(self._path)
        if has_failures(self._path) or should_ingest(self._path):
            return self._journal.run.uid
        return ""

    def _append(self, rows: "list[Group | Result]", *, over: bool = False) -> None:
        rows = _masked(self._collect_errors + rows)
        self._collect_errors = []
        if not rows and not self._wrote:
            return
        if self._journal is None:
            self._journal = self._new_journal()
        self._wrote = True
        self._journal.append(rows, over=over)
        if self._attempts.broke:
            set_failures(self._path, present=True)


def _masked(rows: "list[Group | Result]") -> "list[Group | Result]":
    """Mask secrets in the node ids of rows: parameters and descriptions of subtests."""
    if not any(map(_may_have_secrets, rows)):
        return rows
    from hangar_devkit.history.masks import learn_environment, mask_nodeid

    learn_environment(os.environ)
    masked: "list[Group | Result]" = []  # noqa: UP037 - as in `attempts`
    for row in rows:
        if len(row) > GROUP:
            masked.append(row._replace(nodeid=mask_nodeid(row.nodeid)))
        else:
            row[3][::2] = [mask_nodeid(str(name)) for name in row[3][::2]]
            masked.append(row)
    return masked


def _may_have_secrets(row: "Group | Result") -> bool:
    if len(row) > GROUP:
        return "[" in row[0] or " " in row[0]
    names: list[Any] = row[3][::2]
    return "[" in "".join(names)
