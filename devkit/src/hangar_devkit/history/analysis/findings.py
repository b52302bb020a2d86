"""Analyses the latest runs: classes, flakiness, and the queue of what to fix.

`examine` only reads, for the commands. `update` also saves the names of the error classes, at the
end of a session and after an import.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hangar_devkit.history.analysis import flakiness, lifecycle
from hangar_devkit.history.analysis.classes import group
from hangar_devkit.history.analysis.deleted_tests import find_deleted
from hangar_devkit.history.analysis.occurrences import ALGORITHM, Occurrence, representative
from hangar_devkit.history.analysis.triage import Entry, Item, rank
from hangar_devkit.history.analysis.window import Window, load_window
from hangar_devkit.history.store.journal import set_failures
from hangar_devkit.history.store.store import Store

WINDOW_RUNS = 60
WINDOW_FAILURES = 1500
"""Limits of the analysis at the end of a session."""
FULL_RUNS = 300
FULL_FAILURES = 50_000
"""Limits of the analysis for commands, which may take longer."""


class KnownClass(NamedTuple):
    """An error class whose name is in the store.

    Attributes:
        id: Its number in the store.
        name: Its name.
        fingerprint: The fingerprint that it was named after.
        first_run: Number, in the store, of the first run with it.
    """

    id: int
    name: str
    fingerprint: str
    first_run: int


class ErrorClass(NamedTuple):
    """Failures with one cause.

    Attributes:
        name: Its name, such as `E-1234abcd`.
        state: One of the states in `lifecycle`.
        example: The failure that shows best what the class is about.
        broken: Number of tests that it broke, by the index of the run.
        ran: Indexes of the runs in which any of its tests ran, in order.
        tests: Node ids of its tests that still exist, that of the example first.
    """

    name: str
    state: str
    example: Occurrence
    broken: Mapping[int, int]
    ran: tuple[int, ...]
    tests: tuple[str, ...]


class Findings(NamedTuple):
    """The result of the analysis.

    Attributes:
        window: The analysed runs.
        names: Name of the class of each occurrence in the window.
        classes: The error classes by name.
        verdicts: Verdict on each test that failed in the window, by node id.
        queue: What to fix, most important first.
        former: Names of classes that were merged, and the name of the class that has them now.
    """

    window: Window
    names: tuple[str, ...]
    classes: Mapping[str, ErrorClass]
    verdicts: Mapping[str, flakiness.Verdict]
    queue: tuple[Entry, ...]
    former: Mapping[str, str]

    def current_name(self, name: str) -> str:
        """Return the name that a class has now."""
        return name if name in self.classes else self.former.get(name, name)


def examine(store: Store, *, root: Path | None = None, full: bool = True) -> Findings:
    """Analyse the latest runs of a store; only read it.

    Args:
        store: The open store.
        root: The project's root, whose sources show which tests were deleted; None to skip that.
        full: Whether to analyse as many runs as commands do, or as few as a session does.
    """
    limits = (FULL_RUNS, FULL_FAILURES) if full else (WINDOW_RUNS, WINDOW_FAILURES)
    window = load_window(store.connection, *limits)
    known = [
        KnownClass(*row)
        for row in store.connection.execute("SELECT id, name, fingerprint, first_run FROM class")
    ]
    findings = analyse(window, known, find_deleted(root, window) if root else frozenset())
    stored = dict(
        store.connection.execute(
            "SELECT former.name, class.name FROM former JOIN class ON class.id=former.class"
        )
    )
    return findings._replace(former={**stored, **findings.former})


def update(store: Store, *, root: Path | None = None, full: bool = False) -> Findings:
    """Analyse the latest runs, and save the names of the classes.

    Args:
        store: A store that is open for writing.
        root: As for `examine`.
        full: As for `examine`.
    """
    with store.transaction():
        findings = examine(store, root=root, full=full)
        _save(store, findings)
    set_failures(store.path, present=bool(findings.queue))
    return findings


def analyse(
    window: Window, known: Sequence[KnownClass], deleted: Collection[str] = frozenset()
) -> Findings:
    """Group the failures of a window, judge its tests, and rank what to fix.

    Args:
        window: The runs.
        known: The classes in the store.
        deleted: Tests that no longer exist.
    """
    before, names = _name_occurrences(window, known, deleted)
    classes = _classes(window, names, known, deleted)
    excluded = window.outages()
    verdicts = {
        test: flakiness.judge(attempts, excluded) for test, attempts in window.attempts.items()
    }
    items = [item for each in classes.values() if (item := _item(each, verdicts, window.attempts))]
    queue = rank(items, len(window.runs))
    former = lifecycle.merged_names(before, names)
    return Findings(window, tuple(names), classes, verdicts, tuple(queue), former)


def _name_occurrences(
    window: Window, known: Sequence[KnownClass], deleted: Collection[str]
) -> tuple[list[str], list[str]]:
    """Return the former and the present name of the class of each occurrence."""
    occurrences = window.occurrences
    labels: Sequence[Hashable] = group(occurrences, len(window.runs), window.absent())
    labels = lifecycle.follow_renames(labels, occurrences, deleted)
    old = {each.id: each.name for each in known}
    before = [old.get(each.class_id, "") for each in occurrences]
    taken = {each.name: each.fingerprint for each in known}
    names = lifecycle.name_groups(labels, occurrences, before, taken)
    return before, [names[label] for label in labels]


def _classes(
    window: Window, names: Sequence[str], known: Sequence[KnownClass], deleted: Collection[str]
) -> dict[str, ErrorClass]:
    members: dict[str, list[Occurrence]] = defaultdict(list)
    for name, occurrence in zip(names, window.occurrences, strict=True):
        members[name].append(occurrence)
    ran = {test: {a.run for a in attempts} for test, attempts in window.attempts.items()}
    in_window = {run.id for run in window.runs}
    older = {each.name for each in known if each.first_run not in in_window}
    classes: dict[str, ErrorClass] = {}
    for name, occurrences in members.items():
        tests = {each.test for each in occurrences}
        broken = Counter(run for run, _ in {(each.run, each.test) for each in occurrences})
        runs = tuple(sorted(set().union(*(ran.get(test, set()) for test in tests))))
        example = representative(occurrences)
        existing = tuple(sorted(tests.difference(deleted), key=lambda t: (t != example.test, t)))
        state = lifecycle.RESOLVED
        if existing:
            state = lifecycle.state_of(broken, runs, older=name in older)
        classes[name] = ErrorClass(name, state, example, broken, runs, existing)
    return classes


def _item(
    error_class: ErrorClass,
    verdicts: Mapping[str, flakiness.Verdict],
    attempts: Mapping[str, Sequence[flakiness.Attempt]],
) -> Item | None:
    """Return what may go on the queue for a class; None when there is nothing to fix."""
    tests = error_class.tests
    proven = [test for test in tests if verdicts[test].verdict == flakiness.FLAKY]
    is_flaky = len(proven) == len(tests)
    if not tests:
        return None
    # A flaky test stays on the queue when it passes for a while, until something was changed.
    if error_class.state == lifecycle.RESOLVED and not (
        is_flaky and any(flakiness.is_unchanged(attempts[test]) for test in tests)
    ):
        return None
    culprit = error_class.example.culprit
    return Item(
        name=error_class.name,
        type="flaky" if is_flaky else "class",
        title=error_class.example.title,
        state=verdicts[proven[0]].reason if is_flaky else error_class.state,
        broken=error_class.broken,
        ran=error_class.ran,
        path=culprit.path,
        line=culprit.line,
        tests=tests,
    )


def _save(store: Store, findings: Findings) -> None:
    """Write the names of the classes, and the class of each failure."""
    connection, runs = store.connection, findings.window.runs
    connection.executemany(
        "INSERT INTO class (name, fingerprint, title, first_run, algorithm) VALUES (?,?,?,?,?)"
        " ON CONFLICT (name) DO UPDATE SET title=excluded.title, algorithm=excluded.algorithm",
        [
            (name, each.example.fingerprint, each.example.title, runs[min(each.broken)].id,
             ALGORITHM)
            for name, each in findings.classes.items()
        ],
    )  # fmt: skip
    numbers = dict(connection.execute("SELECT name, id FROM class"))
    connection.executemany(
        "DELETE FROM former WHERE name=?", [(name,) for name in findings.classes]
    )
    connection.executemany(
        "INSERT OR REPLACE INTO former (name, class) VALUES (?, ?)",
        [(old, numbers[new]) for old, new in findings.former.items()],
    )
    connection.executemany(
        "UPDATE failure SET class=? WHERE run=? AND test=? AND attempt=? AND phase=?",
        [
            (numbers[name], *each.key)
            for name, each in zip(findings.names, findings.window.occurrences, strict=True)
            if each.class_id != numbers[name]
        ],
    )
