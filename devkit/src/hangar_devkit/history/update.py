"""Brings the store's findings up to date with its runs: classes, flakiness, queue."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hangar_devkit.history import flaky, lifecycle
from hangar_devkit.history.classes import group
from hangar_devkit.history.fingerprint import ALGORITHM, Sighting, representative, title
from hangar_devkit.history.gone import gone
from hangar_devkit.history.journal import set_news
from hangar_devkit.history.triage import Candidate, Entry, queue
from hangar_devkit.history.window import Window, load_window

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Hashable, Mapping, Sequence
    from pathlib import Path

    from hangar_devkit.history.store import Store

WINDOW_RUNS = 60
WINDOW_FAILURES = 1500
"""What the update at a run's end looks at; `FULL` is for commands that may take longer."""
FULL_RUNS = 300
FULL_FAILURES = 50_000
_SAMPLE = 10
"""So many tests of the newest run are looked for, to see whether the sources here are theirs."""


@dataclass(frozen=True)
class Findings:
    """What the history says now.

    Attributes:
        window: The runs that were looked at.
        names: The class of each failure of the window.
        states: State of each class.
        titles: Title of each class.
        verdicts: Verdict on each test that failed in the window, by node id.
        entries: The queue.
    """

    window: Window
    names: tuple[str, ...]
    states: Mapping[str, str]
    titles: Mapping[str, str]
    verdicts: Mapping[str, flaky.Verdict]
    entries: tuple[Entry, ...]


def update(store: Store, *, full: bool = False, root: Path | None = None) -> Findings:
    """Analyse the latest runs and write what was found.

    Args:
        store: The open store.
        full: Look at many runs, not only at the latest.
        root: The project's root, whose sources tell which tests are gone; None to do without.
    """
    connection = store.connection
    limits = (FULL_RUNS, FULL_FAILURES) if full else (WINDOW_RUNS, WINDOW_FAILURES)
    with store.transaction():
        window = load_window(connection, *limits)
        if root:
            window = replace(window, gone=_gone(connection, window, root))
        names = _name(connection, window)
        best = _representatives(window, names)
        states = _states(connection, window, names)
        _write_classes(connection, window, names, best, states)
        left_out = window.outages()
        verdicts = _judge(window, left_out)
        _write_verdicts(connection, window, verdicts)
        titles = {name: title(sighting) for name, sighting in best.items()}
        candidates = _candidates(window, names, best, states, verdicts)
        before = dict(connection.execute("SELECT item, place FROM queue"))
        entries = queue(candidates, before)
        connection.execute("DELETE FROM queue")
        connection.executemany(
            "INSERT INTO queue VALUES (?, ?, ?)",
            [(entry.candidate.item, i, entry.score) for i, entry in enumerate(entries)],
        )
        set_news(store.path, news=bool(entries))
    return Findings(window, tuple(names), states, titles, verdicts, tuple(entries))


def _gone(connection: sqlite3.Connection, window: Window, root: Path) -> frozenset[str]:
    """Return the failed tests of the window that are gone; none where the runs are of elsewhere."""
    newest = window.runs[-1].id if window.runs else 0
    ran = connection.execute(
        "SELECT nodeid FROM test WHERE id IN (SELECT test FROM result WHERE run=? LIMIT ?)",
        (newest, _SAMPLE),
    )
    if not any((root / nodeid.partition("::")[0]).is_file() for (nodeid,) in ran):
        return frozenset()
    last = len(window.runs) - 1
    absent = [
        window.tests[test]
        for test, attempts in window.attempts.items()
        if not attempts or attempts[-1].run != last
    ]
    return gone(root, absent)


def _name(connection: sqlite3.Connection, window: Window) -> list[str]:
    labels: Sequence[Hashable] = group(window.sightings, len(window.runs), window.absent())
    known = {row[0]: row[1] for row in connection.execute("SELECT id, name FROM class")}
    taken = dict(connection.execute("SELECT name, fingerprint FROM class"))
    labels = lifecycle.follow_renames(labels, window.sightings, window.gone)
    before = [known.get(failure.class_id, "") for failure in window.failures]
    names = lifecycle.name_groups(labels, window.sightings, before, taken)
    return [names[label] for label in labels]


def _representatives(window: Window, names: Sequence[str]) -> dict[str, Sighting]:
    members: dict[str, list[Sighting]] = defaultdict(list)
    for name, sighting in zip(names, window.sightings, strict=True):
        members[name].append(sighting)
    return {name: representative(sightings) for name, sightings in members.items()}


def _presence(
    window: Window, names: Sequence[str]
) -> tuple[dict[str, Counter[int]], dict[str, list[int]], dict[str, set[int]]]:
    """Return where each class was seen (tests broken), could have been seen, and its tests."""
    broken: dict[str, set[tuple[int, int]]] = defaultdict(set)
    tests: dict[str, set[int]] = defaultdict(set)
    for name, failure in zip(names, window.failures, strict=True):
        broken[name].add((window.place[failure.run], failure.test))
        tests[name].add(failure.test)
    seen = {name: Counter(run for run, _ in pairs) for name, pairs in broken.items()}
    ran = {test: {a.run for a in attempts} for test, attempts in window.attempts.items()}
    watched = {
        name: sorted(set().union(*(ran.get(test, set()) for test in members)))
        for name, members in tests.items()
    }
    return seen, watched, tests


def _states(connection: sqlite3.Connection, window: Window, names: Sequence[str]) -> dict[str, str]:
    seen, watched, tests = _presence(window, names)
    older = {
        name
        for name, run in connection.execute("SELECT name, first_run FROM class")
        if run not in window.place
    }
    return {
        name: lifecycle.state_of(runs, watched[name], older=name in older)
        if any(window.tests[test] not in window.gone for test in tests[name])
        else lifecycle.RESOLVED
        for name, runs in seen.items()
    }


def _write_classes(
    connection: sqlite3.Connection,
    window: Window,
    names: Sequence[str],
    best: Mapping[str, Sighting],
    states: Mapping[str, str],
) -> None:
    runs: dict[str, list[int]] = defaultdict(list)
    for name, failure in zip(names, window.failures, strict=True):
        runs[name].append(failure.run)
    for name, sighting in best.items():
        home = sighting.home
        ordered = sorted(runs[name], key=window.place.__getitem__)
        connection.execute(
            "INSERT INTO class (name, fingerprint, title, path, line, function, state, first_run,"
            " last_run, algorithm) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT (name) DO UPDATE SET"
            " title=excluded.title, path=excluded.path, line=excluded.line,"
            " function=excluded.function, state=excluded.state, last_run=excluded.last_run,"
            " algorithm=excluded.algorithm",
            (
                name,
                sighting.fingerprint,
                title(sighting),
                home.path,
                home.line,
                home.function,
                states[name],
                ordered[0],
                ordered[-1],
                ALGORITHM,
            ),
        )
    numbers = dict(connection.execute("SELECT name, id FROM class"))
    connection.executemany(
        "UPDATE failure SET class=? WHERE run=? AND test=? AND attempt=? AND phase=?",
        [
            (numbers[name], f.run, f.test, f.attempt, f.phase)
            for name, f in zip(names, window.failures, strict=True)
            if f.class_id != numbers[name]
        ],
    )
    connection.execute(
        "UPDATE class SET state=? WHERE id NOT IN (SELECT f.class FROM temp.window_run w"
        " CROSS JOIN failure f ON f.run=w.id)",
        (lifecycle.RESOLVED,),
    )


def _judge(window: Window, left_out: Collection[int]) -> dict[str, flaky.Verdict]:
    return {
        window.tests[test]: flaky.judge(attempts, left_out)
        for test, attempts in window.attempts.items()
    }


def _write_verdicts(
    connection: sqlite3.Connection, window: Window, verdicts: Mapping[str, flaky.Verdict]
) -> None:
    numbers = {nodeid: test for test, nodeid in window.tests.items()}
    connection.executemany(
        "INSERT INTO flaky (test, verdict, kind, kind_reason, runs, failures, low, high,"
        " runs_needed, reason) VALUES (?,?,'','',?,?,?,?,?,?) ON CONFLICT (test) DO UPDATE SET"
        " verdict=excluded.verdict, runs=excluded.runs, failures=excluded.failures,"
        " low=excluded.low, high=excluded.high, runs_needed=excluded.runs_needed,"
        " reason=excluded.reason",
        [
            (numbers[nodeid], v.verdict, v.runs, v.failures, v.low, v.high, v.needed, v.reason)
            for nodeid, v in verdicts.items()
        ],
    )


def _candidates(
    window: Window,
    names: Sequence[str],
    best: Mapping[str, Sighting],
    states: Mapping[str, str],
    verdicts: Mapping[str, flaky.Verdict],
) -> list[Candidate]:
    seen, watched, tests = _presence(window, names)
    met: dict[str, set[int]] = defaultdict(set)
    for name, failure in zip(names, window.failures, strict=True):
        met[name].add(window.place[failure.run])
    minutes = (
        sum(run.seconds for run in window.runs) / 60 / len(window.runs) if window.runs else 0.0
    )
    result: list[Candidate] = []
    for name, runs in seen.items():
        nodeids = tuple(sorted({window.tests[test] for test in tests[name]} - window.gone))
        if not nodeids:
            continue
        proven = [n for n in nodeids if verdicts[n].verdict == flaky.FLAKY]
        is_flaky = len(proven) == len(nodeids)
        if states[name] == lifecycle.RESOLVED and not is_flaky:
            continue  # what is flaky passes for a while and is there all the same: its cost decays
        place = best[name].home
        result.append(
            Candidate(
                item=name,
                kind="flaky" if is_flaky else "class",
                title=title(best[name]),
                state=verdicts[proven[0]].reason if is_flaky else states[name],
                broken=runs,
                watched=watched[name],
                people=len({window.runs[run].person for run in met[name]}),
                on_default=any(window.runs[run].on_default for run in met[name]),
                minutes=minutes,
                real=1.0,
                path=place.path,
                line=place.line,
                tests=nodeids,
            )
        )
    return result


def failing_in(window: Window, run: int) -> list[int]:
    """Return the places, in `window.failures`, of the failures of a run, by its number."""
    return [place for place, failure in enumerate(window.failures) if failure.run == run]
