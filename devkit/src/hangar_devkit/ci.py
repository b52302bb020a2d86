"""Detect continuous integration."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def in_ci(environ: Mapping[str, str]) -> bool:
    """Return whether `CI` is set, and neither to `false` nor to `0`."""
    return environ.get("CI", "").lower() not in ("", "0", "false")
