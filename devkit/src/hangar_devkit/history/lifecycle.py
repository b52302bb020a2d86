"""Names of error classes that stay, and the state that a class is in."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from hangar_devkit.history.fingerprint import Sighting, class_name, representative

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping, Sequence

NEW: Final = "new"
RECURRING: Final = "recurring"
RESOLVED: Final = "resolved"
REGRESSED: Final = "regressed"

CLEAN_RUNS: Final = 3
"""So many runs without it, in which its tests ran, and a class counts as resolved."""


def follow_renames(
    labels: Sequence[Hashable], sightings: Sequence[Sighting], gone: Collection[str]
) -> list[Hashable]:
    """Join the failures of tests that are gone to the group where their statement fails now.

    Args:
        labels: The group of each failure.
        sightings: The failures.
        gone: Tests that no longer exist.
    """
    heirs: dict[tuple[str, str, str, str], Hashable] = {}
    lost: dict[Hashable, bool] = {}
    for label, sighting in zip(labels, sightings, strict=True):
        is_gone = sighting.test in gone
        lost[label] = lost.get(label, True) and is_gone
        if not is_gone and sighting.home.kind == "test" and sighting.home.source:
            heirs[_statement(sighting)] = label
    return [
        heirs.get(_statement(sighting), label) if lost[label] else label
        for label, sighting in zip(labels, sightings, strict=True)
    ]


def _statement(sighting: Sighting) -> tuple[str, str, str, str]:
    home = sighting.home
    return sighting.exception, home.path, home.source, sighting.message


def name_groups(
    labels: Sequence[Hashable],
    sightings: Sequence[Sighting],
    names: Sequence[str],
    taken: Mapping[str, str],
) -> dict[Hashable, str]:
    """Give each group of failures a name; a group that is mostly an old class keeps its name.

    Args:
        labels: The group of each failure.
        sightings: The failures.
        names: The name that each failure had before, "" for none.
        taken: Every name that the store knows, with the fingerprint that founded it.
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
            best = representative([sightings[i] for i in members])
            result[label] = _new_name(best, taken, used)
            used.add(result[label])
    return result


def _new_name(best: Sighting, taken: Mapping[str, str], used: Collection[str]) -> str:
    print_of = best.fingerprint
    name = class_name(print_of)
    salt = best.test
    while name in used or taken.get(name, print_of) != print_of:
        name = class_name(print_of, salt)
        salt += "'"
    return name


def state_of(present: Collection[int], watched: Sequence[int], *, older: bool) -> str:
    """Return the state of a class.

    Args:
        present: Places of the runs in which it was seen.
        watched: Places of the runs in which any of its tests ran, in order.
        older: Whether it was seen before these runs as well.
    """
    state = RECURRING if older else ""
    clean = 0
    for run in watched:
        if run in present:
            clean = 0
            state = REGRESSED if state in {RESOLVED, REGRESSED} else RECURRING if state else NEW
        elif state:
            clean += 1
            if clean >= CLEAN_RUNS:
                state = RESOLVED
    return state or RESOLVED
