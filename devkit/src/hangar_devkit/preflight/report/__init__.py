"""Reports of one run: for people, for programs, for GitHub, and for a bug report."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.run import Finding


class Run(NamedTuple):
    """What a report is about."""

    project: str
    scopes: tuple[str, ...]
    platform: str
    python: str
    findings: list[Finding]
