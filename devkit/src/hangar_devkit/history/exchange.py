"""Runs as JSON Lines: out of a store, and into one, as often as you like."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from hangar_devkit.history.records import FAILED, OUTCOMES, Run
from hangar_devkit.history.results import Failure, Frame, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hangar_devkit.history.store import Store
    from hangar_devkit.history.update import Findings

FORMAT: Final = 1


class ExchangeError(Exception):
    """A line cannot be read; the message says which, and why."""


def failures(store: Store, findings: Findings) -> Iterator[dict[str, Any]]:
    """Return one object for each failed attempt, oldest first.

    The fields are described in `history-format.md`; fields may be added, none changes.
    """
    verdicts = findings.verdicts
    flaky = {nodeid for nodeid, verdict in verdicts.items() if verdict.verdict == "flaky"}
    flaky |= {
        row[0]
        for row in store.connection.execute(
            "SELECT nodeid FROM flaky JOIN test ON test.id=flaky.test WHERE verdict='flaky'"
        )
        if row[0] not in verdicts
    }
    rows = store.connection.execute(
        "SELECT run.uid, nodeid, f.attempt, f.phase, e.exception, class.name, class.title,"
        " run.started, run.revision, e.message, e.frames, e.trace, f.quarantined, r.milliseconds"
        " FROM run JOIN failure f ON f.run=run.id JOIN test ON test.id=f.test"
        " JOIN evidence e ON e.id=f.evidence LEFT JOIN class ON class.id=f.class"
        " LEFT JOIN result r ON r.run=f.run AND r.test=f.test AND r.attempt=f.attempt"
        " ORDER BY run.started, run.id, f.test, f.attempt, f.phase"
    )
    for row in rows:
        frames = json.loads(row[10])
        yield {
            "kind": "failure",
            "run": row[0],
            "nodeid": row[1],
            "attempt": row[2],
            "phase": row[3],
            "exception": row[4],
            "error_class": row[5] or "",
            "title": row[6] or "",
            "flaky": row[1] in flaky,
            "started": row[7],
            "commit": row[8],
            "message": row[9],
            "frames": frames,
            "traceback": row[11],
            "quarantined": bool(row[12]),
            "milliseconds": row[13] or 0,
        }


def runs(store: Store, known: Iterable[str] = ()) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Return every run with the objects that `load` needs to store it elsewhere.

    Args:
        store: The open store.
        known: Runs to leave out.
    """
    skip = set(known)
    columns = (
        "uid",
        "started",
        "seconds",
        "revision",
        "branch",
        "dirty",
        "on_default",
        "platform",
        "python",
        "job",
        "person",
        "source",
        "zone",
        "seed",
    )
    chosen = store.connection.execute(
        f"SELECT id, {', '.join(columns)} FROM run ORDER BY started, id"
    ).fetchall()
    for number, *values in chosen:
        header = dict(zip(columns, values, strict=True))
        if header["uid"] not in skip:
            header["dirty"] = bool(header["dirty"])
            header["on_default"] = bool(header["on_default"])
            lines: list[dict[str, Any]] = [{"kind": "run", "format": FORMAT, **header}]
            lines.extend(_results(store, number))
            yield header["uid"], lines


def _results(store: Store, number: int) -> Iterator[dict[str, Any]]:
    broken: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for (
        nodeid,
        attempt,
        phase,
        exception,
        message,
        frames,
        trace,
        quarantined,
    ) in store.connection.execute(
        "SELECT nodeid, f.attempt, f.phase, e.exception, e.message, e.frames, e.trace,"
        " f.quarantined FROM failure f JOIN test ON test.id=f.test"
        " JOIN evidence e ON e.id=f.evidence WHERE f.run=?",
        (number,),
    ):
        broken.setdefault((nodeid, attempt), []).append(
            {
                "phase": phase,
                "exception": exception,
                "message": message,
                "frames": json.loads(frames),
                "traceback": trace,
                "quarantined": bool(quarantined),
            }
        )
    rows = store.connection.execute(
        "SELECT nodeid, subtest, attempt, outcome, milliseconds, coalesce(key, ''), position,"
        " worker FROM result r JOIN test ON test.id=r.test"
        " LEFT JOIN content ON content.id=r.content WHERE run=? ORDER BY test.id, attempt",
        (number,),
    )
    for nodeid, subtest, attempt, outcome, milliseconds, key, position, worker in rows:
        line: dict[str, Any] = {
            "kind": "result",
            "nodeid": nodeid,
            "attempt": attempt,
            "outcome": OUTCOMES[outcome],
            "milliseconds": milliseconds,
            "content": key,
            "position": position,
            "worker": worker,
        }
        if subtest:
            line["subtest"] = True
        if (nodeid, attempt) in broken:
            line["failures"] = broken[nodeid, attempt]
        yield line


def load(store: Store, lines: Iterable[str], name: str) -> int:
    """Store the runs of JSON Lines; what the store has already stays as it is.

    Args:
        store: The open store.
        lines: The text.
        name: What to call the text in messages.

    Returns:
        How many runs are new.

    Raises:
        ExchangeError: When a line cannot be read; nothing is stored then.
    """
    found: dict[str, tuple[Run, list[Result]]] = {}
    current = ""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            kind = data.get("kind", "failure")
            if kind == "run":
                run = _run(data)
                current = run.uid
                found.setdefault(current, (run, []))
            elif kind == "result":
                found[current][1].append(_result(data))
            elif kind == "failure":
                _add_failure(found, data)
            else:
                raise ValueError(f"unknown kind {kind!r}")  # noqa: TRY301 - one handler for all
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            detail = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ExchangeError(f"{name}, line {number}: {detail}; nothing was imported") from error
    return save(store, found.values())


def save(store: Store, found: Iterable[tuple[Run, list[Result]]]) -> int:
    """Store runs with their results, together or not at all; return how many are new."""
    new = 0
    with store.transaction() as connection:
        for run, results in found:
            known = connection.execute("SELECT 1 FROM run WHERE uid=?", (run.uid,)).fetchone()
            new += known is None
            store.add_run(run, results)
    return new


def _run(data: Mapping[str, Any]) -> Run:
    if int(data.get("format", FORMAT)) > FORMAT:
        raise ValueError("written by a newer version: update the tools")
    return Run(
        uid=str(data["uid"]),
        started=float(data["started"]),
        commit=str(data.get("revision", "")),
        branch=str(data.get("branch", "")),
        dirty=bool(data.get("dirty")),
        on_default=bool(data.get("on_default")),
        platform=str(data.get("platform", "")),
        python=str(data.get("python", "")),
        job=str(data.get("job", "")),
        person=str(data.get("person", "")),
        source=str(data.get("source", "import")),
        seconds=float(data.get("seconds", 0)),
        zone=_zone(data),
        seed=str(data.get("seed", "")),
    )


def _zone(data: Mapping[str, Any]) -> str:
    zone = str(data.get("zone", ""))
    if zone and not re.fullmatch(r"[+-]\d{4}", zone):
        raise ValueError(f"zone {zone!r} is no offset such as +0200")
    return zone


def _result(data: Mapping[str, Any]) -> Result:
    details = data.get("failures", [])
    worker = int(data.get("worker", 0))
    return Result(
        nodeid=str(data["nodeid"]),
        attempt=int(data.get("attempt", 0)),
        outcome=OUTCOMES.index(data["outcome"]),
        milliseconds=int(data.get("milliseconds", 0)),
        content=str(data.get("content", "")),
        position=int(data.get("position", 0)),
        worker=f"gw{worker - 1}" if worker else "",
        subtest=bool(data.get("subtest")),
        quarantined=any(detail.get("quarantined") for detail in details),
        failures=tuple(_failure(detail) for detail in details),
    )


def _failure(data: Mapping[str, Any]) -> Failure:
    frames = tuple(
        Frame(str(path), str(function), int(line), str(kind), str(source))
        for path, function, line, kind, source in data.get("frames", [])
    )
    return Failure(
        str(data["phase"]),
        str(data["exception"]),
        str(data.get("message", "")),
        frames,
        str(data.get("traceback", "")),
    )


def _add_failure(found: dict[str, tuple[Run, list[Result]]], data: Mapping[str, Any]) -> None:
    """Take a line of `history export` without `--all`: the failed attempts alone."""
    uid = str(data["run"])
    if uid not in found:
        run = Run(uid, float(data.get("started", 0)), str(data.get("commit", "")), source="import")
        found[uid] = (run, [])
    result = Result(
        str(data["nodeid"]),
        int(data.get("attempt", 0)),
        FAILED,
        int(data.get("milliseconds", 0)),
        quarantined=bool(data.get("quarantined")),
        failures=(_failure(data),),
    )
    found[uid][1].append(result)


def merge(store: Store, other: Store) -> int:
    """Copy the runs of another store that this one lacks; return how many."""
    known = [row[0] for row in store.connection.execute("SELECT uid FROM run")]
    found: list[tuple[Run, list[Result]]] = []
    for _, lines in runs(other, known):
        found.append((_run(lines[0]), [_result(line) for line in lines[1:]]))
    return save(store, found)
