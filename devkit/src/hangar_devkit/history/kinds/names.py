"""The names of the kinds."""

from typing import Final, NamedTuple

ORDER: Final = "order-dependent"
TIME: Final = "time"
RANDOM: Final = "random"
RESOURCE: Final = "resource"
UNTOLD: Final = "unknown"


class Kind(NamedTuple):
    """Of which kind a flaky test is.

    Attributes:
        name: One of the names of this module.
        reason: What tells so, in words.
    """

    name: str
    reason: str


def in_words(kind: Kind) -> str:
    """Return a kind with what tells so."""
    return f"{kind.name}: {kind.reason}" if kind.name != UNTOLD else f"kind {kind.reason}"
