"""Apply the safe fixes: they only add what is missing, and may be repeated."""

from __future__ import annotations

import os
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.machine import Machine
    from hangar_devkit.preflight.run import Finding

EXAMPLE = ".env.example"
HOOKS = "tools/hooks"
TIMEOUT = 600  # seconds


class Step(NamedTuple):
    """One fix: a command, or the copy of the example where there is no command."""

    ids: tuple[str, ...]
    text: str
    command: tuple[str, ...] = ()
    requires: str = ""  # a path in the project; the step is left out without it


# In the order in which they build on each other.
STEPS = (
    Step(("PF103", "PF105", "PF203"), "uv sync --frozen", ("uv", "sync", "--frozen")),
    Step(("PF205",), f"copy {EXAMPLE} to .env"),
    Step(
        ("PF602",),
        "git config core.hooksPath tools/hooks",
        ("git", "config", "core.hooksPath", HOOKS),
        requires=HOOKS,
    ),
)


def apply(findings: list[Finding], machine: Machine, *, dry_run: bool) -> Iterator[str]:
    """Apply the fixes for some findings, and yield a line about each.

    Args:
        findings: The findings of a run.
        machine: The machine of that run.
        dry_run: Whether to report what would be done, and do nothing.
    """
    failed = {finding.id for finding in findings if finding.state in ("error", "warn")}
    for step in STEPS:
        ids = ", ".join(sorted(failed.intersection(step.ids)))
        if not ids or not os.path.exists(machine.inside(step.requires)):
            continue
        if dry_run:
            yield f"would fix {ids}: {step.text}"
            continue
        try:
            machine.run(step.command, timeout=TIMEOUT) if step.command else _copy_example(machine)
        except OSError as error:
            yield f"could not fix {ids}: {step.text}: {str(error).splitlines()[-1]}"
        else:
            yield f"fixed {ids}: {step.text}"


def _copy_example(machine: Machine) -> None:
    """Write `.env` from its example, readable by this user only; never overwrite one."""
    with open(machine.inside(EXAMPLE), "rb") as example:
        text = example.read()
    target = os.open(machine.inside(".env"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb") as file:
        file.write(text)
