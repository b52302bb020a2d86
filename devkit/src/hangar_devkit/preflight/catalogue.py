"""All checks, in the order of their IDs."""

from __future__ import annotations

from hangar_devkit.preflight.verdicts import (  # noqa: F401 - each module registers its checks
    REGISTERED,
    engine,
    environment,
    interpreter,
    native,
    network,
    repository,
    resources,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

CHECKS = sorted(REGISTERED, key=lambda check: check.id)
# The checks of what `@pytest.mark.requires` can name.
REQUIRABLE = ("PF206", "PF301", "PF302", "PF311", "PF312", "PF314", "PF315", "PF316")


def selects(patterns: Iterable[str], id: str) -> bool:
    """Return whether an ID begins with one of some patterns, such as `PF301` or `PF3`."""
    return any(id.startswith(pattern) for pattern in patterns)


def unknown_ids(patterns: Iterable[str]) -> list[str]:
    """Return the patterns that select no check."""
    return [
        pattern
        for pattern in patterns
        if len(pattern) < len("PF1") or not any(c.id.startswith(pattern) for c in CHECKS)
    ]
