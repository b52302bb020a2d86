"""Turn facts into verdicts. Each check has a stable ID and a reason.

The docstring of a rule describes the check in the documentation.
"""

from __future__ import annotations

from typing import NamedTuple

from hangar_devkit.preflight.declaration import SCOPES

TYPE_CHECKING = False  # `typing` sets it; spelt out for type checkers
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hangar_devkit.preflight.declaration import Declaration, Requirement
    from hangar_devkit.preflight.facts import Facts

    Rule = Callable[[Declaration, Facts], Iterator["Verdict"]]

INSIDE = ("container", "test", "ci")  # where the code runs, not only its containers
DEVELOPMENT = ("host", "container", "test")  # where a developer works, unlike CI
SETUP = "uvx nox -s setup"
AREAS = {
    "PF1": "Interpreter and virtual environment",
    "PF2": "Lock, installed packages and variables",
    "PF3": "Libraries, programs and capabilities",
    "PF4": "Container engine and users",
    "PF5": "Resources and ports",
    "PF6": "Repository and file system",
    "PF7": "Proxy, certificates, locale and clock",
}


class Verdict(NamedTuple):
    """The result of a rule for one subject."""

    state: str  # "ok", "bad" (the check's level says how bad), "skip", or "unknown"
    found: str
    fix: str = ""  # that of the check when empty
    subject: str = ""  # the declared name
    optional: bool = False  # never worse than a warning


class Check(NamedTuple):
    """One check: its rule and its documentation."""

    id: str
    title: str
    what: str  # the docstring of the rule
    why: str
    fix: dict[str, str]  # platform, or "all", to the fix
    level: str  # of a bad verdict: "warn" or "error"
    scopes: tuple[str, ...]
    ci_level: str
    declared: bool  # whether it reads the declaration: Python 3.11 or later
    fixable: bool  # whether `--fix` applies the fix
    rule: Rule

    def fix_on(self, platform: str) -> str:
        """Return the fix for a platform."""
        return self.fix.get(platform) or self.fix.get("all", "")


REGISTERED: list[Check] = []


def check(  # noqa: PLR0913 - all are keywords where it is called
    id: str,
    title: str,
    *,
    why: str,
    fix: str | dict[str, str],
    level: str = "error",
    ci_level: str = "",
    scopes: tuple[str, ...] = SCOPES,
    declared: bool = False,
    fixable: bool = False,
) -> Callable[[Rule], Rule]:
    """Register a rule under a stable ID. A rule that yields nothing does not apply."""

    def register(rule: Rule) -> Rule:
        REGISTERED.append(
            Check(
                id=id,
                title=title,
                what=" ".join((rule.__doc__ or "").split()),
                why=why,
                fix=fix if isinstance(fix, dict) else {"all": fix},
                level=level,
                scopes=scopes,
                ci_level=ci_level or level,
                declared=declared,
                fixable=fixable,
                rule=rule,
            )
        )
        return rule

    return register


def ok(found: str, subject: str = "") -> Verdict:
    """Return a verdict: the check passed."""
    return Verdict("ok", found, subject=subject)


def bad(found: str, fix: str = "", subject: str = "", *, optional: bool = False) -> Verdict:
    """Return a verdict: the check failed."""
    return Verdict("bad", found, fix, subject, optional)


def skip(found: str, subject: str = "") -> Verdict:
    """Return a verdict: there is nothing to check, for a reason that the full report shows."""
    return Verdict("skip", found, subject=subject)


def unknown(found: str, fix: str = "", subject: str = "") -> Verdict:
    """Return a verdict: it could not be checked."""
    return Verdict("unknown", found, fix, subject)


def install(requirement: Requirement, facts: Facts) -> str:
    """Return the command that installs a declared requirement on this machine."""
    from hangar_devkit.preflight.facts import native

    manager = facts.of(native.package_manager)
    names = " ".join(requirement.packages.get(manager, ()))
    if not names:
        source = requirement.url or "its website"
        return f"install {requirement.name} from {source}"
    sudo = "" if manager not in ("apt", "dnf") or facts.of(native.is_root) else "sudo "
    command = f"{sudo}{' '.join(native.INSTALL[manager])} {names}"
    if manager == "apt" and facts.of(native.container):
        return f"rebuild the container, or: {sudo}apt-get update && {command}"
    return command


def setup(declaration: Declaration) -> str:
    """Return the command that sets up a project of the template; empty for other projects."""
    return SETUP if declaration.template else ""
