"""PF6xx: git, its hooks, line endings, the template, and the file system below."""

from __future__ import annotations

from hangar_devkit.preflight.facts import native
from hangar_devkit.preflight.facts import repository as probes
from hangar_devkit.preflight.verdicts import bad, check, ok, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

WORKING = ("host", "container", "test")  # where a developer commits; CI does not
OLD = 180  # days
WINDOWS_DRIVES = ("9p", "drvfs", "v9fs")  # how WSL mounts C: and its fellows
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "vboxsf")


@check(
    "PF601",
    "git knows who commits",
    why="Without a name and an address git refuses the first commit.",
    mend='git config --global user.name "..." && git config --global user.email "..."',
    level="warn",
    scopes=WORKING,
)
def git_identity(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`user.name` and `user.email` are set, for this repository or for the user."""
    if not facts.of(probes.git_folder):
        return
    settings = facts.of(probes.git_settings)
    missing = [name for name in ("user.name", "user.email") if not settings.get(name)]
    if not missing:
        yield ok("it does")
    elif "include.path" in settings or "includeif.path" in settings:
        yield unknown("git's settings include other files, which are not read here")
    else:
        yield bad(f"{' and '.join(missing)} not set")


@check(
    "PF602",
    "The hooks are installed",
    why="What a hook would have stopped before the commit is found minutes later, in CI.",
    mend="uvx nox -s setup",
    level="warn",
    scopes=WORKING,
    fix=True,
)
def hooks_installed(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a repository with `.pre-commit-config.yaml`: git has a hook before commits."""
    if not facts.of(probes.git_folder):
        return
    found = facts.of(probes.hook)
    if found.wanted:
        yield ok("pre-commit") if found.installed else bad("git has no pre-commit hook here")


@check(
    "PF603",
    "The hooks start here",
    why="A hook of pre-commit names its Python: installed in a container, it fails on the host.",
    mend="chmod +x tools/hooks/*; uvx nox -s setup",
    level="warn",
    scopes=WORKING,
)
def hooks_start(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The hook is executable, and the interpreter that it names is on this machine."""
    if not facts.of(probes.git_folder):
        return
    found = facts.of(probes.hook)
    if found.wanted and found.installed:
        yield bad(f"the hook does not start: {found.problem}") if found.problem else ok("it does")


@check(
    "PF604",
    "Scripts have Unix line endings",
    why="With Windows endings a shell looks for a program whose name ends in a carriage return.",
    mend="git config core.autocrlf input && git rm -rq --cached . && git reset --hard",
)
def unix_line_endings(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No shell script and no Dockerfile has lines that end in CR LF."""
    found = facts.of(probes.carriage_returns)
    if found:
        yield bad(f"CR LF in {', '.join(found[:3])}{' ...' if len(found) > 3 else ''}")
    else:
        yield ok("LF")


@check(
    "PF605",
    "Names that differ in case are two files",
    why="A misspelt import passes here and fails in CI.",
    mend="keep the checkout in a volume, or in the file system of Linux",
    level="warn",
    scopes=("container", "test"),
)
def case_sensitive(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The file system tells upper from lower case; macOS and Windows usually do not."""
    if not facts.of(probes.case_insensitive):
        yield ok("they are")
    elif facts.platform == "linux":
        yield bad("the checkout lies on a file system that ignores case")
    else:
        yield ok("they are one, as usual here")


@check(
    "PF606",
    "The checkout is on a local disk",
    why="A Windows drive seen from WSL is ten times slower and has no permissions.",
    mend="clone into the Linux file system, such as ~/projects",
    level="warn",
)
def local_disk(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The project lies neither on a Windows drive (`/mnt/c`) nor on a network share."""
    kind = facts.of(probes.file_system)
    if not kind:
        return
    if kind in REMOTE:
        yield bad(f"the checkout is on a network share ({kind})")
    elif kind in WINDOWS_DRIVES and facts.of(native.wsl):
        yield bad(f"the checkout is on a Windows drive ({kind})")
    else:
        yield ok(kind)


@check(
    "PF607",
    "The template's updates are taken",
    why="Pinned tools and their fixes come with updates; old ones are harder to merge.",
    mend="uv run nox -s update",
    level="warn",
    scopes=("host", "container"),
)
def template_is_young(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`.cruft.json` was rewritten in the last 180 days."""
    days = facts.of(probes.template_age)
    if days is None:
        return
    yield ok(f"{days} days") if days < OLD else bad(f"no update for {days} days or more")


@check(
    "PF608",
    "No update is half applied",
    why="What a `.rej` file holds is missing from the file beside it.",
    mend="merge each by hand, then delete it",
    level="warn",
)
def no_rejects(need: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No `*.rej` lies at the top of the project or in `tools`."""
    found = facts.of(probes.rejected)
    yield bad(", ".join(found)) if found else ok("none")
