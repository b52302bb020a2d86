"""The page of the documentation: what this project declares, and a section for each check."""

from __future__ import annotations

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.declaration import MANAGERS
from hangar_devkit.preflight.explain import level
from hangar_devkit.preflight.manifest import find, load
from hangar_devkit.preflight.verdicts import AREAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration, Requirement
    from hangar_devkit.preflight.verdicts import Check

INTRODUCTION = """\
`preflight` says what is wrong with this machine, and what mends it, before a test can fail because
of it. It runs as a session of nox, before the first test, and when the dev container starts."""
NOTHING = "Nothing beyond Python and uv. More is declared under `[tool.preflight]`."
PLATFORMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


def page(start: str = ".") -> str:
    """The page in Markdown, for the project in a directory or above it.

    Raises:
        DeclarationError: The declaration cannot be read.
    """
    need = load(find(start))
    parts = [
        "# Preflight",
        INTRODUCTION,
        "## What this project needs",
        _needs(need),
    ]
    for area, title in AREAS.items():
        parts += [f"## {area}xx: {title}"]
        parts += [_section(check) for check in CHECKS if check.id.startswith(area)]
    return "\n\n".join(parts) + "\n"


def _needs(need: Declaration) -> str:
    rows = []
    for kind, requirements in (
        ("library", need.libraries),
        ("program", need.executables),
        ("capability", need.capabilities),
    ):
        rows += [_requirement(kind, requirement) for requirement in requirements]
    for variable in need.variables:
        kind = (
            f"{variable.type}: {', '.join(variable.values)}" if variable.values else variable.type
        )
        rows.append(_row(f"`{variable.name}`", "variable", _needed(variable.optional), kind))
    rows += [_row(name, "port", "to be free", str(port)) for name, port in need.ports]
    for name, amount in (("memory", need.memory), ("disk", need.disk)):
        if amount:
            rows.append(_row(name, "resource", "at least", f"{amount / 2**30:g} GB"))
    if need.cpus:
        rows.append(_row("processors", "resource", "at least", str(need.cpus)))
    if not rows:
        return NOTHING
    head = [_row("What", "Kind", "Needed", "Details"), _row("---", "---", "---", "---")]
    return "\n".join(head + rows)


def _requirement(kind: str, requirement: Requirement) -> str:
    details = [f"{requirement.minimum} or later"] if requirement.minimum else []
    details += [
        f"{manager}: {', '.join(f'`{name}`' for name in requirement.packages[manager])}"
        for manager in MANAGERS
        if manager in requirement.packages
    ]
    if requirement.url:
        details.append(f"<{requirement.url}>")
    when = "for development" if requirement.purpose == "dev" else "at run time"
    needed = "by some tests" if requirement.optional else when
    return _row(requirement.name, kind, needed, "; ".join(details))


def _section(check: Check) -> str:
    mends = [
        f"- Mend{f' on {PLATFORMS[name]}' if name in PLATFORMS else ''}: `{mend}`"
        for name, mend in check.mend.items()
    ]
    fix = ["- `preflight --fix` mends it."] if check.fix else []
    return "\n".join(
        [
            f"### {check.id}: {check.title} {{#{check.id.lower()}}}",
            "",
            check.what,
            "",
            f"- Why: {check.why}",
            *(mend.replace("``", "`") for mend in mends),
            *fix,
            f"- Level: {level(check)}. Scopes: {', '.join(check.scopes)}.",
        ]
    )


def _needed(optional: bool) -> str:
    return "may be unset" if optional else "to be set"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
