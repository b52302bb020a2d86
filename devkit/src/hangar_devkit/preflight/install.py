"""Install what the declaration requires and the machine lacks, with its own package manager."""

from __future__ import annotations

import sys

from hangar_devkit.preflight.facts import Facts
from hangar_devkit.preflight.facts.native import INSTALL, is_root, package_manager
from hangar_devkit.preflight.requires import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.machine import Machine

TIMEOUT = 600  # seconds


def commands(declaration: Declaration, machine: Machine, purpose: str) -> list[tuple[str, ...]]:
    """Return the commands that install what a purpose requires and the machine lacks.

    What is installed is left alone: brew would upgrade it, and winget fail.
    """
    manager = package_manager(machine)
    requirements = Requirements(declaration, Facts(machine))
    missing = [
        entry
        for entry in declaration.for_purpose(purpose)
        if requirements.missing_reason(entry.name)
    ]
    names = sorted({name for entry in missing for name in entry.packages.get(manager, ())})
    if not names:
        return []
    sudo = () if manager not in ("apt", "dnf") or is_root(machine) else ("sudo",)
    refresh = [(*sudo, "apt-get", "update")] if manager == "apt" else []
    if manager == "winget":  # it takes one package at a time
        return [(*INSTALL[manager], name) for name in names]
    return [*refresh, (*sudo, *INSTALL[manager], *names)]


def install(declaration: Declaration, machine: Machine, purpose: str, *, dry_run: bool) -> int:
    """Run the commands one after the other, or print them.

    Returns:
        The exit code: 2 when a command failed.
    """
    for command in commands(declaration, machine, purpose):
        print(" ".join(command), flush=True)
        if dry_run:
            continue
        try:
            machine.run(command, timeout=TIMEOUT)
        except OSError as error:
            print(f"hangar preflight: {error}", file=sys.stderr)
            return 2
    return 0
