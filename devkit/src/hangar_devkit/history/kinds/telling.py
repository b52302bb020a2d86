"""Tells the kind of a flaky test from the evidence, the surest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hangar_devkit.history.kinds import signs
from hangar_devkit.history.kinds.clock import follows_from_clock
from hangar_devkit.history.kinds.names import ORDER, RANDOM, RESOURCE, TIME, UNTOLD, Kind
from hangar_devkit.history.kinds.order import follows_from_order
from hangar_devkit.history.kinds.sources import used

if TYPE_CHECKING:
    from pathlib import Path

    from hangar_devkit.history.kinds.evidence import Evidence

_SURE = (
    (ORDER, follows_from_order),
    (TIME, follows_from_clock),
    (ORDER, signs.leftover),
    (RESOURCE, signs.resource),
    (TIME, signs.deadline),
)


def tell(evidence: Evidence, root: Path | None) -> Kind:
    """Tell the kind of a flaky test.

    What the outcome follows from, run by run, goes first; then what the failures say; then what
    the code speaks of, which makes a kind only likely. Nothing of these, or a contradiction,
    is an answer too.

    Args:
        evidence: What is known of the test.
        root: The project's root, whose sources are looked at; None to do without.
    """
    for name, sign in _SURE:
        reason = sign(evidence)
        if reason:
            return Kind(name, reason)
    words = used(root, evidence.nodeid, evidence.sightings) if root else {}
    permuted = signs.permuted(evidence)
    if permuted:
        return Kind(RESOURCE if list(words) == [RESOURCE] else RANDOM, permuted)
    if len(words) == 1:
        ((name, word),) = words.items()
        return Kind(name, f"likely, as its code uses {word}")
    varying = signs.varying(evidence)
    if varying and (not words or RANDOM in words):
        return Kind(RANDOM, f"likely: {varying}")
    if words:
        both = ", ".join(f"{word} ({name})" for name, word in words.items())
        return Kind(UNTOLD, f"cannot be told: its code uses {both}")
    return Kind(UNTOLD, "cannot be told: neither runs nor failures nor code show what decides")
