"""Names of error classes, which do not change, and the state of a class."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Final

from hangar_devkit.history.analysis.occurrences import Occurrence, class_name, representative

NEW: Final = "new"
RECURRING: Final = "recurring"
RESOLVED: Final = "resolved"
REGRESSED: Final = "regressed"

CLEAN_RUNS: Final = 3
"""A class is resolved after so many runs without it in which its tests ran."""


def follow_renames(
    labels: Sequence[Hashable], occurrences: Sequence[Occurrence], deleted: Collection[str]
) -> list[Hashable]:
    """Move the failures of deleted tests to the group in which their statement fails now.

    Args:
        labels: The group of each failure.
        occurrences: The failures.
        deleted: Tests that no longer exist.
    """
    heirs: dict[tuple[str, str, str, str], Hashable] = {}
    only_deleted: dict[Hashable, bool] = {}
    for label, each in zip(labels, occurrences, strict=True):
        is_deleted = each.test in deleted
        only_deleted[label] = only_deleted.get(label, True) and is_deleted
        if not is_deleted and each.culprit.origin == "test" and each.culprit.source:
            heirs[_statement(each)] = label
    return [
        heirs.get(_statement(each), label) if only_deleted[label] else label
        for label, each in zip(labels, occurrences, strict=True)
    ]


def _statement(occurrence: Occurrence) -> tuple[str, str, str, str]:
    culprit = occurrence.culprit
    return occurrence.exception, culprit.path, culprit.source, occurrence.message


def name_groups(
    labels: Sequence[Hashable],
    occurrences: Sequence[Occurrence],
    names: Sequence[str],
    taken: Mapping[str, str],
) -> dict[Hashable, str]:
    """Name each group of failures; a group that is mostly an old class keeps its name.

    Args:
        labels: The group of each failure.
        occurrences: The failures.
        names: The former name of each failure's class, "" for none.
        taken: The fingerprint of each name that the store knows.
    """
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        groups[label].append(index)
    votes = [
        (count, -members[0], name, label)
        for label, members in groups.items()
        for name, count in Counter(names[i] for i in members if names[i]).items()
    ]
    result: dict[Hashable, str] = {}
    used: set[str] = set()
    for _, _, name, label in sorted(votes, key=lambda v: (v[0], v[1]), reverse=True):
        if label not in result and name not in used:
            result[label] = name
            used.add(name)
    for label, members in groups.items():
        if label not in result:
            best = representative([occurrences[i] for i in members])
            result[label] = _new_name(best, taken, used)
            used.add(result[label])
    return result


def merged_names(before: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Return the former names that no class has any more, and the class of most of their failures.

    Args:
        before: The former name of each failure's class, "" for none.
        names: Its present name.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for old, new in zip(before, names, strict=True):
        if old:
            counts[old][new] += 1
    used = set(names)
    return {old: count.most_common(1)[0][0] for old, count in counts.items() if old not in used}


def _new_name(best: Occurrence, taken: Mapping[str, str], used: Collection[str]) -> str:
    fingerprint = best.fingerprint
    name = class_name(fingerprint)
    salt = best.test
    while name in used or taken.get(name, fingerprint) != fingerprint:
        name = class_name(fingerprint, salt)
        salt += "'"
    return name


def state_of(present: Collection[int], ran: Sequence[int], *, older: bool) -> str:
    """Return the state of a class.

    Args:
        present: Indexes of the runs with a failure of the class.
        ran: Indexes of the runs in which any of its tests ran, in order.
        older: Whether it had failures before these runs as well.
    """
    state = RECURRING if older else ""
    clean = 0
    for run in ran:
        if run in present:
            clean = 0
            state = REGRESSED if state in {RESOLVED, REGRESSED} else RECURRING if state else NEW
        elif state:
            clean += 1
            if clean >= CLEAN_RUNS:
                state = RESOLVED
    return state or RESOLVED
