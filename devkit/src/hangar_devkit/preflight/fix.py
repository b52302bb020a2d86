"""The mends that are safe to apply: they only add what is missing, and may be repeated."""

from __future__ import annotations

import os
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.machine import Machine
    from hangar_devkit.preflight.run import Finding

EXAMPLE = ".env.example"


class Step(NamedTuple):
    """One mend: a command, or the copy of the example when there is no command."""

    ids: tuple[str, ...]
    text: str
    command: tuple[str, ...] = ()


# In the order in which they build on each other.
STEPS = (
    Step(("PF103", "PF105", "PF203"), "uv sync --frozen", ("uv", "sync", "--frozen")),
    Step(("PF205",), f"copy {EXAMPLE} to .env"),
    Step(
        ("PF602",),
        "git config core.hooksPath tools/hooks",
        ("git", "config", "core.hooksPath", "tools/hooks"),
    ),
)


def apply(findings: list[Finding], machine: Machine, *, dry_run: bool) -> Iterator[str]:
    """Mend what can be mended, and yield a line about each step.

    Args:
        findings: What a run found.
        machine: Where it found it.
        dry_run: Whether only to say what would be done.
    """
    wrong = {finding.id for finding in findings if finding.state in ("error", "warn")}
    for step in STEPS:
        ids = ", ".join(sorted(wrong.intersection(step.ids)))
        if not ids:
            continue
        if dry_run:
            yield f"would mend {ids}: {step.text}"
            continue
        try:
            machine.run(step.command, timeout=600) if step.command else _copy_example(machine)
        except OSError as error:
            yield f"could not mend {ids}: {step.text}: {str(error).splitlines()[-1]}"
        else:
            yield f"mended {ids}: {step.text}"


def _copy_example(machine: Machine) -> None:
    """Write `.env` from its example, for this user only; one that exists is left alone."""
    with open(machine.inside(EXAMPLE), "rb") as example:
        text = example.read()
    target = os.open(machine.inside(".env"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb") as file:
        file.write(text)
