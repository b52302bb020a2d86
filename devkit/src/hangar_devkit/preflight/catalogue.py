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

CHECKS = sorted(REGISTERED, key=lambda check: check.id)


def selects(patterns: tuple[str, ...], id: str) -> bool:
    """Whether one of some IDs, or of beginnings such as `PF3`, stands for an ID."""
    return any(id.startswith(pattern) for pattern in patterns)


def unknown_ids(patterns: tuple[str, ...]) -> list[str]:
    """Those of some IDs, or of their beginnings, that stand for no check."""
    return [
        pattern
        for pattern in patterns
        if len(pattern) < len("PF1") or not any(c.id.startswith(pattern) for c in CHECKS)
    ]
