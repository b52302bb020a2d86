"""Rules of the registry: which version of a model is challenger, and which is champion.

A new version becomes challenger. The champion changes only if a version is better on the same
data, or by an explicit command.
"""

from dataclasses import dataclass

from .port import Tracker, TrackingError, Version
from .record import Record

CHALLENGER = "challenger"


@dataclass(frozen=True)
class Comparison:
    """Result of a comparison of two versions.

    Attributes:
        is_better: Whether the first is better; None if they cannot be compared.
        reason: Why, as the end of a sentence.
    """

    is_better: bool | None
    reason: str


def compare(version: Version, other: Version) -> Comparison:
    """Compare the values that two versions were registered with."""
    if not version.metric or (version.metric, version.mode) != (other.metric, other.mode):
        return Comparison(None, f"version {other.number} has another objective")
    if version.value is None or other.value is None or not version.data:
        return Comparison(None, f"{version.metric} or its data is unknown")
    if version.data != other.data:
        return Comparison(None, f"version {other.number} was evaluated on other data")
    better = is_better(version.value, other.value, version.mode)
    word = "is better than" if better else "is not better than"
    values = f"{version.metric} {version.value!r} {word} {other.value!r}"
    return Comparison(better, f"{values} of version {other.number}")


def is_better(value: float, other: float, mode: str) -> bool:
    """Return whether a value is better than another; NaN never is."""
    return value > other if mode == "max" else value < other


def enter(tracker: Tracker, record: Record, run: str) -> str:
    """Give the version of a delivered run the aliases that it deserves.

    Args:
        tracker: Tracker that stores the run.
        record: The run.
        run: Its ID in the tracker.

    Returns:
        A line about the version; empty if the run has none.
    """
    if not record.model:
        return ""
    if record.candidate:
        return nominate(tracker, record.model, record.alias, run)
    numbers = [each.number for each in tracker.versions(record.model) if each.run == run]
    return f"version {numbers[0]} of {record.model}" if numbers else ""


def nominate(tracker: Tracker, model: str, alias: str, run: str) -> str:
    """Make the version of a run challenger, and champion if it is better than the champion.

    Args:
        tracker: Tracker with the registry.
        model: Name of the model.
        alias: Alias of the champion.
        run: ID of the run.

    Returns:
        A line about the version; empty if the run has none.
    """
    versions = tracker.versions(model)
    new = next((each for each in versions if each.run == run), None)
    if new is None:
        return ""
    title, champion = f"version {new.number} of {model}", _holder(versions, alias)
    if champion and champion.run == run:
        return f"{title} is {alias}"
    challenger = _holder(versions, CHALLENGER)
    is_newest = challenger is None or new.started >= challenger.started
    if is_newest and alias != CHALLENGER:
        _assign(tracker, model, CHALLENGER, new.number)
    if champion is None:
        _assign(tracker, model, alias, new.number)
        return f"{title} is {alias}: it is the first"
    result = compare(new, champion)
    if result.is_better and new.started >= champion.started:
        _assign(tracker, model, alias, new.number)
        return f"{title} is {alias}: {result.reason}"
    reason = result.reason
    if result.is_better:
        reason += f", but it started earlier; `models promote {new.number}` makes it {alias}"
    elif result.is_better is None:
        reason += "; `models compare` evaluates both on the same data"
    role = CHALLENGER if is_newest else "not challenger, as a newer one is"
    return f"{title} is {role}; {alias} stays: {reason}"


def find(versions: list[Version], name: str) -> Version:
    """Return the version with this number, alias or run.

    Raises:
        TrackingError: There is none.
    """
    for each in versions:
        if name in {str(each.number), *each.aliases} or (len(name) > 7 and each.run == name):
            return each
    known = ", ".join(str(each.number) for each in versions) or "none"
    raise TrackingError(
        f"no version {name!r} of the model; expected an alias, a run or one of: {known}"
    )


def promote(tracker: Tracker, model: str, alias: str, name: str) -> str:
    """Give the alias to a version, and return a line about it.

    Raises:
        TrackingError: There is no such version.
    """
    versions = tracker.versions(model)
    chosen, present = find(versions, name), _holder(versions, alias)
    if present == chosen:
        return f"version {chosen.number} of {model} is {alias} already"
    _assign(tracker, model, alias, chosen.number)
    before = f", was version {present.number}" if present else ""
    return f"version {chosen.number} of {model} is {alias}{before}"


def rollback(tracker: Tracker, model: str, alias: str) -> str:
    """Give the alias back to the version that had it before, and return a line about it.

    Raises:
        TrackingError: No version had it before.
    """
    existing = {each.number for each in tracker.versions(model)}
    holders = tracker.holders(model, alias)
    before = [number for number in holders[:-1] if number in existing]
    if not before:
        raise TrackingError(f"no version of {model} was {alias} before; nothing changed")
    tracker.assign(model, alias, before)
    return f"version {before[-1]} of {model} is {alias} again, was version {holders[-1]}"


def _holder(versions: list[Version], alias: str) -> Version | None:
    return next((each for each in versions if alias in each.aliases), None)


def _assign(tracker: Tracker, model: str, alias: str, number: int) -> None:
    tracker.assign(model, alias, [*tracker.holders(model, alias), number])
