"""Detection of continuous integration. It runs on Python 3.9: the preflight reads it too."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Values of `CI` with which people switch it off.
OFF = frozenset({"", "0", "false", "no", "off"})


def in_ci(environ: Mapping[str, str]) -> bool:
    """Return whether a process runs in CI.

    Args:
        environ: The environment variables. CI services set `CI` to `true`, `1` or their own name.
    """
    return environ.get("CI", "").strip().lower() not in OFF
