"""Runs as JSON Lines: exported from a store, and imported into one any number of times."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, get_type_hints

from hangar_devkit.history.analysis.findings import Findings
from hangar_devkit.history.analysis.flakiness import FLAKY
from hangar_devkit.history.masks import learn_environment, mask_nodeid, mask_secrets
from hangar_devkit.history.records import FAILED, OUTCOMES, Run
from hangar_devkit.history.results import Failure, Frame, Result
from hangar_devkit.history.store.schema import RUN_COLUMNS
from hangar_devkit.history.store.store import Store

SCHEMA: Final = 2
"""Version of the lines. Version 1 had `kind` for `type`, `revision` for `commit`, `format`."""
_RUN_TYPES: Final = get_type_hints(Run)


class ExchangeError(Exception):
    """A line cannot be read; the message says which, and why."""


def failures(store: Store, findings: Findings) -> Iterator[dict[str, Any]]:
    """Yield one object for each failed attempt, oldest first.

    `docs/reference/history-format.md` describes the fields.
    """
    names = {
        occurrence.key: name
        for name, occurrence in zip(findings.names, findings.window.occurrences, strict=True)
    }
    learn_environment(os.environ)
    flaky = {test for test, each in findings.verdicts.items() if each.verdict == FLAKY}
    rows = store.connection.execute(
        "SELECT f.run, f.test, f.attempt, f.phase, run.uid, nodeid, e.exception, class.name,"
        ' class.title, run.started, run."commit", e.message, e.frames, e.trace, f.quarantined,'
        " r.milliseconds FROM run JOIN failure f ON f.run=run.id JOIN test ON test.id=f.test"
        " JOIN evidence e ON e.id=f.evidence LEFT JOIN class ON class.id=f.class"
        " LEFT JOIN result r ON r.run=f.run AND r.test=f.test AND r.attempt=f.attempt"
        " ORDER BY run.started, run.id, f.test, f.attempt, f.phase"
    )
    for run, test, attempt, phase, uid, nodeid, exception, name, title, *rest in rows:
        started, commit, message, frames, trace, quarantined, milliseconds = rest
        current = names.get((run, test, attempt, phase))
        yield {
            "schema": SCHEMA,
            "type": "failure",
            "run": uid,
            "nodeid": mask_nodeid(nodeid),
            "attempt": attempt,
            "phase": phase,
            "exception": exception,
            "error_class": current or name or "",
            "title": findings.classes[current].example.title if current else title or "",
            "flaky": nodeid in flaky,
            "started": started,
            "commit": commit,
            "message": mask_secrets(message),
            "frames": _masked_frames(frames),
            "traceback": mask_secrets(trace),
            "quarantined": bool(quarantined),
            "milliseconds": milliseconds or 0,
        }


def runs(store: Store, known: Iterable[str] = ()) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the uid of every run with the objects that `load` needs to store it elsewhere.

    Args:
        store: The open store.
        known: Runs to leave out.
    """
    learn_environment(os.environ)
    skip = set(known)
    rows = store.connection.execute(
        f"SELECT id, {RUN_COLUMNS} FROM run ORDER BY started, id"
    ).fetchall()
    for number, *values in rows:
        columns = zip(_RUN_TYPES.items(), values, strict=True)
        header = {name: type_(value) for (name, type_), value in columns}
        if header["uid"] not in skip:
            lines = [{"schema": SCHEMA, "type": "run", **header}, *_results(store, number)]
            yield header["uid"], lines


def _results(store: Store, number: int) -> Iterator[dict[str, Any]]:
    failures_of: dict[tuple[str, int], list[dict[str, Any]]] = {}
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
        failures_of.setdefault((nodeid, attempt), []).append(
            {
                "phase": phase,
                "exception": exception,
                "message": mask_secrets(message),
                "frames": _masked_frames(frames),
                "traceback": mask_secrets(trace),
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
            "type": "result",
            "nodeid": mask_nodeid(nodeid),
            "attempt": attempt,
            "outcome": OUTCOMES[outcome],
            "milliseconds": milliseconds,
            "content": key,
            "position": position,
            "worker": worker,
        }
        if subtest:
            line["subtest"] = True
        if (nodeid, attempt) in failures_of:
            line["failures"] = failures_of[nodeid, attempt]
        yield line


def _masked_frames(text: str) -> list[list[Any]]:
    """Return the stored frames; an earlier version may have stored a secret in their source."""
    return [[*frame, mask_secrets(source)] for *frame, source in json.loads(text)]


def load(store: Store, lines: Iterable[str], name: str) -> int:
    """Store the runs of JSON Lines; stored attempts do not change.

    Args:
        store: The store, open for writing.
        lines: The text.
        name: Name of the text, for messages.

    Returns:
        The number of new runs.

    Raises:
        ExchangeError: A line cannot be read; then nothing is stored.
    """
    loaded: dict[str, tuple[Run, list[Result]]] = {}
    current = ""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            data = json.loads(line)
            type_ = data.get("type") or data.get("kind") or "failure"
            if type_ == "run":
                run = _run(data)
                current = run.uid
                loaded.setdefault(current, (run, []))
            elif type_ == "result":
                loaded[current][1].append(_result(data))
            elif type_ == "failure":
                _add_failure(loaded, data)
            else:
                raise ValueError(f"unknown type {type_!r}")  # noqa: TRY301 - one handler for all
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            detail = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise ExchangeError(f"{name}, line {number}: {detail}; nothing was imported") from error
    return save(store, loaded.values())


def save(store: Store, loaded: Iterable[tuple[Run, list[Result]]]) -> int:
    """Store runs with their results, together or not at all; return the number of new runs."""
    new = 0
    with store.transaction() as connection:
        for run, results in loaded:
            known = connection.execute("SELECT 1 FROM run WHERE uid=?", (run.uid,)).fetchone()
            new += known is None
            store.add_run(run, results)
    return new


def _check_schema(data: Mapping[str, Any]) -> None:
    if int(data.get("schema") or data.get("format") or 1) > SCHEMA:
        raise ValueError("written by a newer version: update hangar-devkit")


def _run(data: Mapping[str, Any]) -> Run:
    _check_schema(data)
    data = {"source": "import", "commit": data.get("revision", ""), **data}
    zone = str(data.get("zone", ""))
    if zone and not re.fullmatch(r"[+-]\d{4}", zone):
        raise ValueError(f"zone {zone!r} is not an offset such as +0200")
    names = [name for name in Run._fields if name in data or name not in Run._field_defaults]
    return Run(**{name: _RUN_TYPES[name](data[name]) for name in names})


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
        Frame(str(path), str(function), int(line), str(origin), str(source))
        for path, function, line, origin, source in data.get("frames", [])
    )
    return Failure(
        str(data["phase"]),
        str(data["exception"]),
        str(data.get("message", "")),
        frames,
        str(data.get("traceback", "")),
    )


def _add_failure(loaded: dict[str, tuple[Run, list[Result]]], data: Mapping[str, Any]) -> None:
    """Add a line of `hangar history export` without `--all`: one failed attempt."""
    _check_schema(data)
    uid = str(data["run"])
    if uid not in loaded:
        run = Run(uid, float(data.get("started", 0)), str(data.get("commit", "")), source="import")
        loaded[uid] = (run, [])
    result = Result(
        str(data["nodeid"]),
        int(data.get("attempt", 0)),
        FAILED,
        int(data.get("milliseconds", 0)),
        quarantined=bool(data.get("quarantined")),
        failures=(_failure(data),),
    )
    loaded[uid][1].append(result)


def merge(store: Store, other: Store) -> int:
    """Copy the runs of another store that are missing in this one; return their number."""
    known = [row[0] for row in store.connection.execute("SELECT uid FROM run")]
    copied = [
        (_run(header), [_result(line) for line in results])
        for _, (header, *results) in runs(other, known)
    ]
    return save(store, copied)
