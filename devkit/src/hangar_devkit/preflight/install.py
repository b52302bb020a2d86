"""Installs what the machine lacks of the declaration, with its own package manager."""

from __future__ import annotations

import sys

from hangar_devkit.preflight.facts.native import INSTALL, is_root, package_manager
from hangar_devkit.preflight.requires import Requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.machine import Machine

MINUTES = 60  # seconds; a package manager may take ten


def commands(need: Declaration, machine: Machine, purpose: str) -> list[tuple[str, ...]]:
    """The commands that install what this machine lacks of what a purpose needs.

    What is there is left alone: brew would upgrade it, and winget fail.
    """
    manager = package_manager(machine)
    requirements = Requirements(need, machine)
    lacking = [entry for entry in need.for_purpose(purpose) if requirements.lack(entry.name)]
    names = sorted({name for entry in lacking for name in entry.packages.get(manager, ())})
    if not names:
        return []
    sudo = () if manager not in ("apt", "dnf") or is_root(machine) else ("sudo",)
    refresh = [(*sudo, "apt-get", "update")] if manager == "apt" else []
    if manager == "winget":  # it takes one package at a time
        return [(*INSTALL[manager], name) for name in names]
    return [*refresh, (*sudo, *INSTALL[manager], *names)]


def install(need: Declaration, machine: Machine, purpose: str, *, dry_run: bool) -> int:
    """Run the commands one after the other, or print them.

    Returns:
        The exit code: 1 when a command failed.
    """
    for command in commands(need, machine, purpose):
        print(" ".join(command), flush=True)
        if dry_run:
            continue
        try:
            machine.run(command, timeout=10 * MINUTES)
        except OSError as error:
            print(f"preflight: {error}", file=sys.stderr)
            return 1
    return 0
