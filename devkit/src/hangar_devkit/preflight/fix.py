"""Apply the safe fixes: they only add what is missing, and may be repeated."""

from __future__ import annotations

import os
import re
import zlib
from typing import NamedTuple

from hangar_devkit.preflight.facts.repository import repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hangar_devkit.preflight.machine import Machine
    from hangar_devkit.preflight.run import Finding

EXAMPLE = ".env.example"
COMPOSE = b"COMPOSE_PROJECT_NAME="
HOOKS = "tools/hooks"
TIMEOUT = 600  # seconds


class Step(NamedTuple):
    """One fix: a command, or an action of this module."""

    ids: tuple[str, ...]
    text: str
    command: tuple[str, ...] = ()
    requires: str = ""  # a path in the project; the step is left out without it
    action: Callable[[Machine], None] | None = None


def _copy_example(machine: Machine) -> None:
    """Write `.env` from its example, readable by this user only; never overwrite one.

    A project of the template also gets a name for Compose. The default is the name of the
    directory, by which two checkouts would share images and volumes.
    """
    with open(machine.inside(EXAMPLE), "rb") as example:
        text = example.read()
    named = COMPOSE in text or "HANGAR_COMPOSE" in machine.environ  # set where Compose runs this
    if os.path.isdir(machine.inside("tools", "container")) and not named:
        text += b"\n# Images and volumes of this checkout alone.\n"
        text += COMPOSE + compose_name(machine.project).encode() + b"\n"
    target = os.open(machine.inside(".env"), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(target, "wb") as file:
        file.write(text)


def compose_name(project: str) -> str:
    """Return a project name for Compose that no other checkout on this machine has."""
    place = os.path.realpath(project)
    # In a container every checkout has the same path, but a number of its own.
    identity = f"{place}:{os.stat(place).st_ino}"
    kept = re.sub("[^a-z0-9_-]", "", os.path.basename(place).lower()).lstrip("_-")
    return f"{kept or 'project'}-{zlib.crc32(os.fsencode(identity)):08x}"


def _name_relatively(machine: Machine) -> None:
    """Write a relative path into the `.git` file, which holds wherever both places are mounted.

    `git worktree repair --relative-paths` would do it, too, but marks the repository so that git
    before 2.48 refuses it: that of Debian 13 in the image is one.
    """
    here = repository(machine)
    if here is None or here.missing or not os.path.isabs(here.named):
        raise OSError(".git names no directory of this machine by an absolute path")
    top = os.path.realpath(here.top)
    relative = os.path.relpath(os.path.realpath(here.named), top).replace(os.sep, "/")
    path = os.path.join(here.top, ".git")
    new = f"{path}.{os.getpid()}.new"
    with open(new, "x", encoding="utf-8", newline="\n") as file:
        file.write(f"gitdir: {relative}\n")
    os.replace(new, path)  # as a whole: without this file the worktree is lost


# In the order in which they build on each other.
STEPS = (
    Step(("PF103", "PF105", "PF203"), "uv sync --frozen", ("uv", "sync", "--frozen")),
    Step(("PF205",), f"copy {EXAMPLE} to .env", action=_copy_example),
    Step(
        ("PF602",),
        "git config core.hooksPath tools/hooks",
        ("git", "config", "core.hooksPath", HOOKS),
        requires=HOOKS,
    ),
    Step(("PF610",), "name the repository in .git by a relative path", action=_name_relatively),
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
            if step.action:
                step.action(machine)
            else:
                machine.run(step.command, timeout=TIMEOUT)
        except (OSError, ValueError) as error:  # no relative path leads to another drive
            yield f"could not fix {ids}: {step.text}: {str(error).splitlines()[-1]}"
        else:
            yield f"fixed {ids}: {step.text}"
