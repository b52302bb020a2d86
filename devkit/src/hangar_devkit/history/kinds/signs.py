"""What the failures themselves say about the kind: exception, message, duration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hangar_devkit.history.fingerprint import Sighting
    from hangar_devkit.history.kinds.evidence import Evidence

_LEFTOVER = re.compile(
    r"FileExistsError|already exists|Directory not empty|UNIQUE constraint|duplicate key"
    r"|IntegrityError",
)
_DEADLINE = re.compile(
    r"(?:^|\.)(?:TimeoutExpired|Empty|TimeoutError)\b|^Failed: Timeout|\btimed out\b|\bdeadline\b",
    re.IGNORECASE,
)
_RESOURCE = re.compile(
    r"(?:^|\.)(?:Connection\w*Error|BrokenPipeError|BlockingIOError|MemoryError|gaierror|herror"
    r"|SSL\w*Error|ConnectTimeout|ReadTimeout|ConnectError|ProxyError|URLError|RemoteDisconnected"
    r"|WorkerCrash)\b"
    r"|Address already in use|Too many open files|No space left|Cannot allocate memory"
    r"|Resource temporarily unavailable|Connection (?:refused|reset|aborted)|Broken pipe"
    r"|Name or service not known|Temporary failure in name resolution|Network is unreachable"
    r"|database is locked|Disk quota exceeded|can't start new thread|Device or resource busy"
    r"|Text file busy|Stale file handle|Too many requests|Service Unavailable",
)
_SIDES = re.compile(r"^(?:AssertionError: )?assert (?P<left>.+?) == (?P<right>.+)$")
_TOKEN = re.compile(r"[\w.]+")
_SHARE: Final = 0.9
_SLOWER: Final = 1.5
_PAUSE: Final = 30
_FEW: Final = 3


def leftover(evidence: Evidence) -> str:
    """Return the sign that something was there already, which an earlier test or run left."""
    text = _in_most(evidence.sightings, _LEFTOVER)
    return f"finds what something before it left behind: {text}" if text else ""


def resource(evidence: Evidence) -> str:
    """Return the sign that something outside the process was taken, missing or used up."""
    text = _in_most(evidence.sightings, _RESOURCE)
    return f"lacks a resource: {text}" if text else ""


def deadline(evidence: Evidence) -> str:
    """Return the sign that something took too long."""
    text = _in_most(evidence.sightings, _DEADLINE)
    if text:
        return f"a wait ended too early: {text}"
    failed = sorted(trial.milliseconds for trial in evidence.trials if trial.failed)
    passed = sorted(trial.milliseconds for trial in evidence.trials if not trial.failed)
    if len(failed) >= _FEW and len(passed) >= _FEW:
        usual = passed[min(len(passed) - 1, int(0.95 * len(passed)))]
        if failed[0] > _SLOWER * usual and failed[0] >= usual + _PAUSE:
            return f"fails when it is slow: {failed[0]} ms or more, else {usual} ms or less"
    return ""


def permuted(evidence: Evidence) -> str:
    """Return the sign that the right things came in another order."""
    found = [sighting for sighting in evidence.sightings if _is_permuted(sighting.message)]
    if found and len(found) >= _SHARE * len(evidence.sightings):
        return f"the right things in another order: {_first_line(found[-1].message)}"
    return ""


def varying(evidence: Evidence) -> str:
    """Return the sign that each failure shows another value."""
    messages = [sighting.message for sighting in evidence.sightings]
    if len(messages) >= _FEW and len(set(messages)) >= _SHARE * len(messages):
        return f"each failure shows another value, lately: {_first_line(messages[-1])}"
    return ""


def _in_most(sightings: Sequence[Sighting], pattern: re.Pattern[str]) -> str:
    """Return what one of the failures says, if nearly all say what the pattern looks for."""
    found = [s for s in sightings if pattern.search(s.exception) or pattern.search(s.message)]
    if not found or len(found) < _SHARE * len(sightings):
        return ""
    kind = found[-1].exception.rpartition(".")[2]
    return f"{kind}: {_first_line(found[-1].message)}".removesuffix(": ")


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0][:100]


def _is_permuted(message: str) -> bool:
    sides = _SIDES.match(message.strip().partition("\n")[0])
    if sides is None:
        return False
    left, right = (_TOKEN.findall(sides[name]) for name in ("left", "right"))
    return len(left) > 1 and left != right and sorted(left) == sorted(right)
