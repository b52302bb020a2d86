"""The generated page: what the project declares, and a section for each check."""

from __future__ import annotations

from hangar_devkit.preflight.catalogue import CHECKS
from hangar_devkit.preflight.declaration import MANAGERS
from hangar_devkit.preflight.explain import level
from hangar_devkit.preflight.pyproject import find, load
from hangar_devkit.preflight.verdicts import AREAS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hangar_devkit.preflight.declaration import Declaration, Requirement
    from hangar_devkit.preflight.verdicts import Check

INTRODUCTION = """\
`hangar preflight` checks this machine and suggests fixes, before a test fails because of it. It
runs as a session of nox, before the first test, and when the dev container starts."""
NOTHING = "Nothing beyond Python and uv. Declare more under `[tool.preflight]`."
WHEN = {"runtime": "at run time", "dev": "for development", "build": "to compile"}
PLATFORMS = {"linux": "Linux", "macos": "macOS", "windows": "Windows"}


def page(start: str = ".") -> str:
    """Return the page in Markdown for the project in a directory or above it.

    Raises:
        DeclarationError: The declaration cannot be read.
    """
    declaration = load(find(start))
    parts = ["# Preflight", INTRODUCTION, "## System requirements", _requirements(declaration)]
    for area, title in AREAS.items():
        parts += [f"## {area}xx: {title}"]
        parts += [_section(check) for check in CHECKS if check.id.startswith(area)]
    return "\n\n".join(parts) + "\n"


def _requirements(declaration: Declaration) -> str:
    rows = []
    for category, requirements in (
        ("library", declaration.libraries),
        ("program", declaration.executables),
        ("capability", declaration.capabilities),
    ):
        rows += [_requirement(category, requirement) for requirement in requirements]
    for variable in declaration.variables:
        values = f": {', '.join(variable.values)}" if variable.values else ""
        required = "optional" if variable.optional else "yes"
        rows.append(_row(f"`{variable.name}`", "variable", required, variable.type + values))
    rows += [_row(name, "port", "free", str(port)) for name, port in declaration.ports]
    for name, amount in (("memory", declaration.memory), ("disk", declaration.disk)):
        if amount:
            rows.append(_row(name, "resource", "at least", f"{amount / 2**30:g} GB"))
    if declaration.cpus:
        rows.append(_row("CPUs", "resource", "at least", str(declaration.cpus)))
    if not rows:
        return NOTHING
    head = [_row("Name", "Type", "Required", "Details"), _row("---", "---", "---", "---")]
    return "\n".join(head + rows)


def _requirement(category: str, requirement: Requirement) -> str:
    details = [f"{requirement.minimum} or later"] if requirement.minimum else []
    details += [
        f"{manager}: {', '.join(f'`{name}`' for name in requirement.packages[manager])}"
        for manager in MANAGERS
        if manager in requirement.packages
    ]
    if requirement.url:
        details.append(f"<{requirement.url}>")
    required = "by some tests" if requirement.optional else WHEN[requirement.purpose]
    return _row(requirement.name, category, required, "; ".join(details))


def _section(check: Check) -> str:
    fixes = [
        f"- Fix{f' on {PLATFORMS[name]}' if name in PLATFORMS else ''}: `{command}`"
        for name, command in check.fix.items()
    ]
    automatic = ["- `hangar preflight --fix` applies it."] if check.fixable else []
    return "\n".join(
        [
            f"### {check.id}: {check.title} {{#{check.id.lower()}}}",
            "",
            check.what,
            "",
            f"- Why: {check.why}",
            *(line.replace("``", "`") for line in fixes),
            *automatic,
            f"- Level: {level(check)}. Scopes: {', '.join(check.scopes)}.",
        ]
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
