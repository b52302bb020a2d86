"""Describe checks without running them."""

from __future__ import annotations

import textwrap

from hangar_devkit.preflight.catalogue import CHECKS, selects
from hangar_devkit.preflight.verdicts import AREAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.verdicts import Check


def listing() -> str:
    """Return one line for each check, by area."""
    lines = []
    for area, title in AREAS.items():
        lines.append(title)
        for check in CHECKS:
            if check.id.startswith(area):
                in_ci = f" ({check.ci_level} in ci)" if check.ci_level != check.level else ""
                lines.append(f"  {check.id}  {check.level:5}  {check.title}{in_ci}")
    return "\n".join(lines) + "\n"


def explanation(pattern: str) -> str:
    """Return the details of the checks that an ID, or its beginning, selects."""
    return "\n".join(_explained(check) for check in CHECKS if selects((pattern,), check.id))


def level(check: Check) -> str:
    """Return the level of the check's failure, in CI too where that differs."""
    return (
        check.level if check.ci_level == check.level else f"{check.level}, {check.ci_level} in ci"
    )


def _explained(check: Check) -> str:
    rows = [
        ("checks", check.what),
        ("why", check.why),
        *(
            (f"fix ({name})" if name != "all" else "fix", command)
            for name, command in check.fix.items()
        ),
        ("level", level(check)),
        ("scopes", ", ".join(check.scopes)),
    ]
    if check.fixable:
        rows.append(("automatic", "hangar preflight --fix applies the fix"))
    body = [_wrapped(name, text) for name, text in rows]
    return "\n".join([f"{check.id}  {check.title}", *body]) + "\n"


def _wrapped(name: str, text: str) -> str:
    if name.startswith("fix"):  # a command to copy
        return f"  {name:16}{text}"
    return textwrap.fill(text, 80, initial_indent=f"  {name:16}", subsequent_indent=" " * 18)
