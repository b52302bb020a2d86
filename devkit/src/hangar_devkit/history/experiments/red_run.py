"""Answers what made a run red: code, a dependency, the machine, or chance.

What differs between the content keys of the red run and of earlier passes is under suspicion, and
what an earlier pass shares with the red run is not. One further session runs the failed tests
again: a pass with the same content is chance, whatever else changed.
"""

import json
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple

from hangar_devkit.history.analysis import flakiness
from hangar_devkit.history.analysis.findings import Findings
from hangar_devkit.history.analysis.occurrences import NOT_IMPORTABLE, UNAVAILABLE
from hangar_devkit.history.experiments.trials import (
    FAILED,
    MISSING,
    PASSED,
    Condition,
    Laboratory,
    OutOfTimeError,
)
from hangar_devkit.history.output.blame import suspects
from hangar_devkit.history.recording.content_keys import ContentKeys
from hangar_devkit.history.recording.session_facts import machine
from hangar_devkit.history.records import BROKEN, Run
from hangar_devkit.history.records import PASSED as PASSED_OUTCOME
from hangar_devkit.history.store.journal import facts_path
from hangar_devkit.history.store.store import Store, tests_of_file
from hangar_devkit.worktree import WorktreeError, checked_out

CODE: Final = "code"
DEPENDENCY: Final = "dependency"
MACHINE: Final = "machine"
RANDOM: Final = "chance"
UNKNOWN: Final = "cannot tell"

_REPEATS: Final = 6
_MAX_TESTS: Final = 50
_SHOWN: Final = 5
_TOO_MANY: Final = f"not run again: {_MAX_TESTS} other tests were"
_EXPERIMENT: Final = Condition("again", words=(f"repeat={_REPEATS}",))


_Decision = tuple[str, tuple[str, ...]]  # cause and evidence


class Key(NamedTuple):
    """The parts of a content key."""

    code: str
    configuration: str
    dependencies: str
    machine: str
    variables: str

    @classmethod
    def parse(cls, text: str) -> "Key | None":
        """Return the parts of a key, None if it has others."""
        parts = text.split(".")
        return cls(*parts) if len(parts) == len(cls._fields) else None

    def changed(self, other: "Key") -> set[str]:
        """Return what differs from another key, in the words of the answers."""
        found = set()
        if (self.code, self.configuration) != (other.code, other.configuration):
            found.add(CODE)
        if self.dependencies != other.dependencies:
            found.add(DEPENDENCY)
        if (self.machine, self.variables) != (other.machine, other.variables):
            found.add(MACHINE)
        return found


@dataclass(frozen=True)
class Answer:
    """What made tests fail.

    Attributes:
        cause: `code`, `dependency`, `machine`, `chance` or `cannot tell`.
        tests: The tests.
        evidence: Why, line by line.
    """

    cause: str
    tests: tuple[str, ...]
    evidence: tuple[str, ...]


class RedRunError(Exception):
    """There is no red run to explain; the message says why."""


def explain(
    laboratory: Laboratory, store: Store, findings: Findings, uid: str = ""
) -> tuple[Run, list[Answer]]:
    """Return a red run, and the answers for its failed tests, the one for most tests first.

    Args:
        laboratory: Where the further session runs.
        store: The history.
        findings: Its analysis.
        uid: The run, or the beginning of its name; "" for the newest one with a failure.

    Raises:
        RedRunError: There is no such run, or nothing failed in it.
    """
    red = _find(store, uid)
    return _Explanation(laboratory, store, findings, red).answers()


def _find(store: Store, uid: str) -> int:
    rows = store.connection.execute(
        "SELECT id, uid, broken FROM run ORDER BY started DESC, id DESC"
    ).fetchall()
    chosen = [row for row in rows if row[1].startswith(uid) and (uid or row[2])]
    if not chosen:
        message = f"no run {uid} in the history" if uid else "no run in the history has a failure"
        raise RedRunError(message)
    number, name, broken = chosen[0]
    if not broken:
        message = f"nothing failed in run {name}"
        raise RedRunError(message)
    return int(number)


class _Attempt(NamedTuple):
    run: int
    outcome: int
    key: Key | None


class _Explanation:
    def __init__(self, laboratory: Laboratory, store: Store, findings: Findings, red: int) -> None:
        self._root = laboratory.root
        self._store = store
        self._findings = findings
        self._red = red
        self._laboratory = laboratory
        self._runs = {row.id: row.run for row in findings.window.runs}
        self._query = store.connection.execute
        # Most tests of a red run ask the same questions about the same commits and files.
        self._commits = cache(partial(suspects, self._root))
        self._edited = cache(edited_distributions)
        self._facts = cache(partial(_read_facts, store.path))

    def answers(self) -> tuple[Run, list[Answer]]:
        """Return the red run, and an answer for each group of its failed tests."""
        if self._red not in self._runs:
            message = "that run is too old to be analysed"
            raise RedRunError(message)
        tests = self._failed_tests()
        if not tests:
            message = (
                f"in run {self._runs[self._red].uid} only subtests failed, or tests that passed"
                " when they were repeated: name the test, as `hangar history prove TEST`"
            )
            raise RedRunError(message)
        suspicion = {test: self._suspicion(test) for test in tests}
        again = self._again(tests, suspicion)
        decided = {test: self._decide(test, suspicion[test], again) for test in tests}
        groups: dict[_Decision, list[str]] = defaultdict(list)
        for test in tests:
            cause, evidence = self._as_others(test, decided, again)
            groups[cause, evidence].append(test)
        answers = [Answer(cause, tuple(each), why) for (cause, why), each in groups.items()]
        answers.sort(key=lambda answer: -len(answer.tests))
        return self._runs[self._red], answers

    def _failed_tests(self) -> list[str]:
        rows = self._query(
            "SELECT nodeid FROM test WHERE NOT subtest AND id IN (SELECT test FROM result r"
            f" WHERE run=? AND outcome IN ({','.join(map(str, sorted(BROKEN)))}) AND NOT EXISTS"
            " (SELECT 1 FROM result WHERE run=r.run AND test=r.test AND attempt > r.attempt))",
            (self._red,),
        )
        return [nodeid for (nodeid,) in rows]

    @cached_property
    def _classes(self) -> dict[str, str]:
        """The error class of each test that failed in the red run."""
        occurrences = zip(self._findings.window.occurrences, self._findings.names, strict=True)
        return {each.test: name for each, name in occurrences if each.key[0] == self._red}

    def _class_by_class(self, tests: Sequence[str]) -> list[str]:
        """Return a test of each error class in turn, so that the first ones have all classes."""
        classes: dict[str, list[str]] = defaultdict(list)
        for test in tests:
            classes[self._classes.get(test, "")].append(test)
        return [test for turn in zip_longest(*classes.values()) for test in turn if test]

    def _attempts(self, test: str) -> list[_Attempt]:
        """Return the attempts at a test before the red run and in it, the newest first."""
        where, values = "t.nodeid=?", [test]
        if "::" not in test:  # a file that could not be collected
            where, values = "t.nodeid > ? AND t.nodeid < ?", [*tests_of_file(test)]
        rows = self._query(
            "SELECT r.run, r.outcome, coalesce(key, '') FROM test t CROSS JOIN result r"
            " ON r.test=t.id JOIN run ON run.id=r.run LEFT JOIN content ON content.id=r.content"
            f" WHERE {where} AND run.started <= (SELECT started FROM run WHERE id=?)"
            " ORDER BY run.started DESC, r.attempt DESC",
            (*values, self._red),
        )
        return [_Attempt(run, outcome, Key.parse(key)) for run, outcome, key in rows]

    @cached_property
    def _now(self) -> dict[str, str]:
        """The machine and its environment as they are now."""
        return machine(self._root, {})

    @cached_property
    def _keys(self) -> dict[str, Key | None]:
        """The content keys of the red run by test, of the last attempt at each."""
        rows = self._query(
            "SELECT nodeid, key FROM result r JOIN test ON test.id=r.test JOIN content ON"
            " content.id=r.content WHERE r.run=? ORDER BY attempt",
            (self._red,),
        )
        return {nodeid: Key.parse(key) for nodeid, key in rows}

    def _suspicion(self, test: str) -> "_Suspicion":
        """Return what changed since a test last passed, without what is known to be innocent."""
        key = self._keys.get(test)
        passes = [
            attempt
            for attempt in self._attempts(test)
            if attempt.run != self._red and attempt.outcome == PASSED_OUTCOME and attempt.key
        ]
        if key is None:
            return _Suspicion(frozenset(), None, "its content is not known")
        if not passes:
            return self._of_new_test(key)
        last = passes[0]
        changed = key.changed(last.key) if last.key else set()
        innocent = set()
        for attempt in passes:
            same = {CODE, DEPENDENCY, MACHINE} - key.changed(attempt.key) if attempt.key else set()
            innocent |= same
        return _Suspicion(frozenset(changed - innocent or changed), last, "")

    def _of_new_test(self, key: Key) -> "_Suspicion":
        """Compare a test that never passed with the tests of the run before."""
        row = self._query(
            "SELECT r.run, content.key FROM result r JOIN run ON run.id=r.run JOIN content ON"
            " content.id=r.content WHERE r.run != ? AND r.outcome=? AND run.started <="
            " (SELECT started FROM run WHERE id=?) AND content.key != ''"
            " ORDER BY run.started DESC LIMIT 1",
            (self._red, PASSED_OUTCOME, self._red),
        ).fetchone()
        before = Key.parse(row[1]) if row else None
        if before is None:
            return _Suspicion(frozenset({CODE}), None, "it never passed, and no run before passed")
        changed = {CODE} | (key.changed(before) - {CODE})
        last = _Attempt(row[0], PASSED_OUTCOME, before)
        return _Suspicion(frozenset(changed), last, "the test never passed before")

    def _again(self, tests: Sequence[str], suspicion: "Mapping[str, _Suspicion]") -> "_Again":
        """Run the failed tests in one further session, where their content is what it was."""
        keys = ContentKeys(self._root, time.time())
        chosen: list[str] = []
        notes: dict[str, str] = {}
        for test in self._class_by_class(tests):
            note = self._obstacle(test, Key.parse(keys[test.partition("::")[0]]))
            if note:
                notes[test] = f"not run again: {note}"
            elif len(chosen) == _MAX_TESTS:
                notes[test] = _TOO_MANY
            else:
                chosen.append(test)
        if not chosen:
            return _Again({}, notes)
        counts = Counter(suspicion[test].changed for test in chosen)
        changed = counts.most_common(1)[0][0]
        if CODE in changed and len(changed) > 1:
            old = self._with_old_code(chosen, suspicion)
            if old is not None:
                return old._replace(notes=notes)
        try:
            return _Again(self._laboratory.outcomes(chosen, _EXPERIMENT), notes)
        except OutOfTimeError:
            spent = dict.fromkeys(chosen, "not run again: the budget was spent")
            return _Again({}, {**notes, **spent})

    def _obstacle(self, test: str, now: Key | None) -> str:
        """Return why to run a test again would show nothing about the red run, or ""."""
        then = self._keys.get(test)
        if now is None or then is None:
            return "its content is not known now"
        changed = {CODE, DEPENDENCY} & now.changed(then)
        names = {CODE: "the code", DEPENDENCY: "the dependencies"}
        what = " and ".join(names[each] for each in sorted(changed))
        return f"{what} changed since then" if what else ""

    def _undone(self, test: str, last: _Attempt | None) -> str | None:
        """Return what changed of the machine before the red run and has another value now.

        None when that cannot be known.
        """
        key = self._keys.get(test)
        if key is None or last is None or last.key is None:
            return None
        good, red = self._facts(last.key.machine), self._facts(key.machine)
        if not isinstance(good, dict) or not isinstance(red, dict):
            return None
        names = sorted(name for name in {*good, *red} if good.get(name) != red.get(name))
        if self._laboratory.options:  # then those of the red run are given, as far as they matter
            names = [name for name in names if not name.startswith("option ")]
        return ", ".join(name for name in names if self._now.get(name) != red.get(name))

    def _with_old_code(
        self, tests: Sequence[str], suspicion: "Mapping[str, _Suspicion]"
    ) -> "_Again | None":
        """Run the tests with the code of the last good commit, and all else as it is now."""
        red = self._runs[self._red]
        goods = {each.last.run for each in suspicion.values() if each.last}
        good = self._runs.get(max(goods)) if goods else None
        if good is None or good.dirty or not good.commit or good.commit == red.commit:
            return None
        try:
            with checked_out(self._root, good.commit) as tree:
                paths = [f"{tree}/src", str(tree), os.environ.get("PYTHONPATH", "")]
                environment = {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
                condition = Condition("old code", environment=environment)
                laboratory = Laboratory(tree, self._laboratory.deadline, self._laboratory.options)
                outcomes = laboratory.outcomes(tests, condition)
        except (OutOfTimeError, WorktreeError):
            return None
        known = {test: outcome for test, outcome in outcomes.items() if outcome != MISSING}
        return _Again(known, {}, f"with the code of commit {good.commit[:10]}") if known else None

    def _decide(self, test: str, suspicion: "_Suspicion", again: "_Again") -> _Decision:
        changed, outcome = set(suspicion.changed), again.outcomes.get(test)
        if outcome not in {PASSED, FAILED}:  # a skip shows nothing
            outcome = None
        lines = [suspicion.note] if suspicion.note else []
        lines += self._differences(test, suspicion)
        if again.old_code and outcome:
            verb = "passes" if outcome == PASSED else "fails"
            lines.append(f"{verb} {again.old_code}, with dependencies and machine as they are now")
            changed = {CODE} if outcome == PASSED else changed - {CODE}
        elif outcome == PASSED:
            return self._of_pass(test, suspicion, lines)
        elif outcome == FAILED:
            lines.append(f"fails again, {_REPEATS} times of {_REPEATS}")
        else:
            lines.append(again.notes.get(test, "the test could not be run again"))
        verdict = self._findings.verdicts.get(test)
        if not changed:
            if verdict and verdict.verdict == flakiness.FLAKY and outcome is None:
                return RANDOM, (*lines, f"proven flaky: {verdict.reason}")
            if suspicion.last is None or outcome is None:
                return UNKNOWN, tuple(lines)
            return self._outside(suspicion.last, lines)
        if len(changed) == 1:
            return changed.pop(), tuple(lines)
        return self._by_traceback(test, changed, lines)

    def _as_others(self, test: str, decided: Mapping[str, _Decision], again: "_Again") -> _Decision:
        """Decide about a test that was one too many as about those with the same error."""
        own = self._classes.get(test)
        if again.notes.get(test) != _TOO_MANY or own is None:
            return decided[test]
        causes = [decided[each][0] for each in again.outcomes if self._classes.get(each) == own]
        if len(set(causes)) != 1:
            return decided[test]
        line = f"as {len(causes)} tests of the same error class {own} that were"
        return causes[0], (_TOO_MANY, line)

    def _of_pass(self, test: str, suspicion: "_Suspicion", lines: list[str]) -> _Decision:
        """Decide about a test that passes with the code and dependencies of the red run."""
        lines.append("passes when it is run again, with the same code and dependencies")
        undone = self._undone(test, suspicion.last) if MACHINE in suspicion.changed else ""
        if undone is None:
            return UNKNOWN, (*lines, "whether the machine is as it was is not known")
        if undone:
            return MACHINE, (*lines, f"but with other values than in the red run: {undone}")
        return RANDOM, tuple(lines)

    def _outside(self, last: _Attempt, lines: list[str]) -> _Decision:
        """Decide about a failure of the content that passed: installed files, or the machine."""
        good = self._runs.get(last.run)
        if good is not None:
            edited = self._edited(good.started)
            if edited:
                names = ", ".join(edited[:_SHOWN])
                line = f"installed files were changed since run {good.uid}: {names}"
                return DEPENDENCY, (*lines, line)
            lines.append(f"the same content passed in run {good.uid}: something outside changed")
        return MACHINE, tuple(lines)

    def _by_traceback(self, test: str, changed: set[str], lines: list[str]) -> _Decision:
        """Decide between several changes by where the exception was raised."""
        example = next(
            (o for o in reversed(self._findings.window.occurrences) if o.test == test), None
        )
        name = example.exception.rpartition(".")[2] if example else ""
        deepest = example.frames[-1].origin if example and example.frames else ""
        if DEPENDENCY in changed and (deepest == "lib" or name in NOT_IMPORTABLE):
            return DEPENDENCY, (*lines, "the exception was raised in an installed package")
        if MACHINE in changed and (CODE not in changed or name in _OF_THE_MACHINE):
            return MACHINE, (*lines, f"{name} comes from outside the code")
        if CODE in changed and deepest == "app":
            return CODE, (*lines, "the exception was raised in the project's own code")
        return UNKNOWN, (*lines, "several things changed at once")

    def _differences(self, test: str, suspicion: "_Suspicion") -> list[str]:
        """Return what differs from the last pass, in words."""
        key, last = self._keys.get(test), suspicion.last
        if key is None or last is None or last.key is None:
            return []
        lines = []
        red, good = self._runs[self._red], self._runs.get(last.run)
        changed = key.changed(last.key)
        if CODE in changed and good:
            commits = self._commits(good.commit, red.commit)
            text = "; ".join(commits[:_SHOWN]) or ("uncommitted changes" if red.dirty else "")
            lines.append("code changed since the last pass" + (f": {text}" if text else ""))
        if DEPENDENCY in changed:
            old, new = self._facts(last.key.dependencies), self._facts(key.dependencies)
            text = _distribution_changes(old, new)
            lines.append("dependencies changed since the last pass" + (f": {text}" if text else ""))
        if MACHINE in changed:
            old, new = self._facts(last.key.machine), self._facts(key.machine)
            text = _fact_changes(old, new) or "an environment variable that the code reads"
            lines.append(f"the machine or its environment changed since the last pass: {text}")
        return lines


_OF_THE_MACHINE: Final = UNAVAILABLE | {
    "OSError", "MemoryError", "UnicodeDecodeError", "UnicodeEncodeError",
}  # fmt: skip


class _Suspicion(NamedTuple):
    """What may have broken a test: what changed since its last pass.

    Attributes:
        changed: Some of `code`, `dependency` and `machine`.
        last: The last pass.
        note: A remark, or "".
    """

    changed: frozenset[str]
    last: _Attempt | None
    note: str


class _Again(NamedTuple):
    """What the further session showed.

    Attributes:
        outcomes: Outcome of each test.
        notes: Why a test has none.
        old_code: With which older code it ran, or "".
    """

    outcomes: Mapping[str, str]
    notes: Mapping[str, str]
    old_code: str = ""


def _read_facts(store: Path, digest: str) -> object:
    try:
        return json.loads(facts_path(store, digest).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def edited_distributions(since: float) -> list[str]:
    """Return the installed packages with a source that was changed after a moment.

    Args:
        since: Seconds since the epoch.
    """
    found = set()
    for entry in dict.fromkeys(sys.path):
        if entry.endswith(("site-packages", "dist-packages")):
            for path in Path(entry).glob("**/*.py"):
                try:
                    if path.stat().st_mtime > since:
                        found.add(path.relative_to(entry).parts[0].removesuffix(".py"))
                except OSError:
                    continue
    return sorted(found)


def _distribution_changes(old: object, new: object) -> str:
    if not isinstance(old, list) or not isinstance(new, list):
        return ""
    removed, added = (
        dict(each.rpartition(".")[0].partition("-")[::2] for each in sorted(set(a) - set(b)))
        for a, b in ((old, new), (new, old))
    )
    names = sorted({*removed, *added})
    parts = [
        f"{name} {removed.get(name, 'missing')} -> {added.get(name, 'removed')}" for name in names
    ]
    return ", ".join(parts[:_SHOWN]) or "the lock file"


def _fact_changes(old: object, new: object) -> str:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return ""
    names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return ", ".join(names[:_SHOWN])
