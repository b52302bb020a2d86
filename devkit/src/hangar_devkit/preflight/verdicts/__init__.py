"""Rules turn facts into verdicts: each check has a stable ID, and says why it matters."""

from __future__ import annotations

from typing import NamedTuple

TYPE_CHECKING = False  # `typing` sets it; spelt out for type checkers
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hangar_devkit.preflight.declaration import Declaration, Requirement
    from hangar_devkit.preflight.facts import Facts

    Rule = Callable[[Declaration, Facts], Iterator["Verdict"]]

SCOPES = ("host", "container", "test", "ci")
INSIDE = ("container", "test", "ci")  # where the code runs, not only its containers
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
    """What a rule says of one subject."""

    state: str  # "ok", "bad" (the check's level says how bad), "skip", or "unknown"
    found: str
    mend: str = ""  # the check's own when empty
    subject: str = ""  # the declared name it is about
    optional: bool = False  # never worse than a warning


class Check(NamedTuple):
    """One check: its rule, and all that is to be said about it."""

    id: str
    title: str
    what: str  # what is looked at: the rule's docstring
    why: str
    mend: dict[str, str]  # platform, or "all", to what mends it
    level: str  # of a bad verdict: "warn" or "error"
    scopes: tuple[str, ...]
    ci_level: str
    declared: bool  # it reads the declaration: Python 3.11 or later
    fix: bool  # `--fix` mends it
    rule: Rule

    def mend_on(self, platform: str) -> str:
        """What mends it on a platform."""
        return self.mend.get(platform) or self.mend.get("all", "")


REGISTERED: list[Check] = []


def check(  # noqa: PLR0913 - each is a word of its own where it is called
    id: str,
    title: str,
    *,
    why: str,
    mend: str | dict[str, str],
    level: str = "error",
    ci_level: str = "",
    scopes: tuple[str, ...] = SCOPES,
    declared: bool = False,
    fix: bool = False,
) -> Callable[[Rule], Rule]:
    """Register a rule under a stable ID. A rule that yields nothing is not relevant here."""

    def register(rule: Rule) -> Rule:
        mends = mend if isinstance(mend, dict) else {"all": mend}
        what = " ".join((rule.__doc__ or "").split())
        REGISTERED.append(
            Check(
                id, title, what, why, mends, level, scopes, ci_level or level, declared, fix, rule
            )
        )
        return rule

    return register


def ok(found: str, subject: str = "") -> Verdict:
    """All is well."""
    return Verdict("ok", found, subject=subject)


def bad(found: str, mend: str = "", subject: str = "", *, optional: bool = False) -> Verdict:
    """Something is wrong."""
    return Verdict("bad", found, mend, subject, optional)


def skip(found: str, subject: str = "") -> Verdict:
    """There is nothing to check, and the reason is worth a line in the full report."""
    return Verdict("skip", found, subject=subject)


def unknown(found: str, mend: str = "", subject: str = "") -> Verdict:
    """It could not be checked."""
    return Verdict("unknown", found, mend, subject)


def install(requirement: Requirement, facts: Facts) -> str:
    """What brings a declared requirement to this machine."""
    from hangar_devkit.preflight.facts import native

    manager = facts.of(native.package_manager)
    names = " ".join(requirement.packages.get(manager, ()))
    if not names:
        source = requirement.url or "its own web site"
        return f"install {requirement.name} from {source}"
    sudo = "" if manager not in ("apt", "dnf") or facts.of(native.is_root) else "sudo "
    command = f"{sudo}{' '.join(native.INSTALL[manager])} {names}"
    if manager == "apt" and facts.of(native.container):
        return f"rebuild the container, or: {sudo}apt-get update && {command}"
    return command


def dotted(version: tuple[int, ...]) -> str:
    """A version as people write it."""
    return ".".join(str(part) for part in version)
