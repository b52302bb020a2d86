"""PF6xx: git, its hooks, line endings, the template, and the file system below."""

from __future__ import annotations

import os

from hangar_devkit.preflight.errors import UncheckedError
from hangar_devkit.preflight.facts import native
from hangar_devkit.preflight.facts import repository as probes
from hangar_devkit.preflight.facts.engine import containers
from hangar_devkit.preflight.verdicts import (
    DEVELOPMENT,
    SETUP,
    bad,
    check,
    ok,
    setup,
    skip,
    unknown,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hangar_devkit.preflight.declaration import Declaration
    from hangar_devkit.preflight.facts import Facts
    from hangar_devkit.preflight.verdicts import Verdict

OLD = 180  # days
WINDOWS_DRIVES = ("9p", "drvfs", "v9fs")  # how WSL mounts C: and other drives
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "vboxsf")


@check(
    "PF601",
    "git user.name and user.email are set",
    why="Without a name and an address git refuses to commit.",
    fix='git config --global user.name "..." && git config --global user.email "..."',
    level="warn",
    scopes=DEVELOPMENT,
)
def git_identity(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`user.name` and `user.email` are set, by any source that git reads."""
    if not _here(facts):
        return
    missing = facts.of(probes.missing_identity)
    yield bad(f"{' and '.join(missing)} not set") if missing else ok("both are set")


@check(
    "PF602",
    "Git hooks are installed",
    why="Without hooks, CI finds minutes later what a hook finds before the commit.",
    fix="pre-commit install",
    level="warn",
    scopes=DEVELOPMENT,
    fixable=True,
)
def hooks_installed(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """In a repository with `.pre-commit-config.yaml`: git has a pre-commit hook."""
    here = _here(facts)
    if not here:
        return
    found = facts.of(probes.hook)
    if found.configured and here.top != facts.machine.project:
        yield skip("a part of a larger repository, whose hooks are its own")
    elif found.configured:
        fix = setup(declaration)
        yield ok("installed") if found.installed else bad("git has no pre-commit hook", fix)


@check(
    "PF603",
    "Git hooks can run",
    why="A hook names its Python: installed in a container, it fails on the host.",
    fix="pre-commit install",
    level="warn",
    scopes=DEVELOPMENT,
)
def hooks_can_run(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The hook is executable, and the interpreter that it names exists."""
    if not _here(facts):
        return
    found = facts.of(probes.hook)
    if found.configured and found.installed:
        fix = f"chmod +x tools/hooks/*; {SETUP}" if declaration.template else ""
        yield bad(f"the hook cannot run: {found.problem}", fix) if found.problem else ok("it can")


@check(
    "PF604",
    "Scripts have Unix line endings",
    why="With Windows line endings a shell takes the carriage return for a part of each command.",
    fix="git config core.autocrlf input, then save the files with LF line endings",
)
def unix_line_endings(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No shell script and no Dockerfile has CR LF line endings."""
    found = facts.of(probes.carriage_returns)
    if found:
        yield bad(f"CR LF in {', '.join(found[:3])}{' ...' if len(found) > 3 else ''}")
    else:
        yield ok("LF")


@check(
    "PF605",
    "File system is case-sensitive",
    why="Where case is ignored, an import in the wrong case passes, and fails in CI.",
    fix="keep the checkout in a volume, or in the file system of Linux",
    level="warn",
    scopes=("container", "test"),
)
def case_sensitive(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """On Linux: the file system distinguishes upper and lower case."""
    if not facts.of(probes.case_insensitive):
        yield ok("case-sensitive")
    elif facts.platform == "linux":
        yield bad("the checkout is on a file system that ignores case")
    else:
        yield skip(f"not case-sensitive, as usual on {facts.platform}")


@check(
    "PF606",
    "Project is on a local disk",
    why="A Windows drive is ten times slower in WSL and has no permissions.",
    fix="clone into the Linux file system, such as ~/projects",
    level="warn",
)
def local_disk(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The project is neither on a Windows drive (`/mnt/c`) nor on a network share."""
    name = facts.of(probes.file_system)
    if not name:
        return
    if name in REMOTE:
        yield bad(f"the checkout is on a network share ({name})")
    elif name in WINDOWS_DRIVES and facts.of(native.wsl):
        yield bad(f"the checkout is on a Windows drive ({name})")
    else:
        yield ok(name)


@check(
    "PF607",
    "Template update is recent",
    why="Updates bring newer tools and fixes, and late ones are harder to merge.",
    fix="uv run nox -s update",
    level="warn",
    scopes=("host", "container"),
)
def template_is_recent(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """`.cruft.json` changed in the last 180 days."""
    days = facts.of(probes.template_age)
    if days is None:
        return
    yield ok(f"{days} days") if days < OLD else bad(f"no update for {days} days or more")


@check(
    "PF608",
    "No .rej files of an update are left",
    why="The content of a `.rej` file is missing from the file beside it.",
    fix="merge each file by hand, then delete it",
    level="warn",
)
def no_rejects(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """No `*.rej` file is at the top of the project or in `tools`."""
    found = facts.of(probes.rejected)
    yield bad(", ".join(found)) if found else ok("none")


@check(
    "PF609",
    "Template and wheel have the same version",
    why="The files of a project and the tooling in `tools/` are released and tested together.",
    fix="uvx nox -s update",
    level="warn",
    ci_level="error",
    declared=True,
)
def wheel_matches_template(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """The one wheel in `tools/` has the version that `[tool.hangar]` and `[tool.uv.sources]` name.

    Unpacked sources may differ. A project that installs hangar-devkit from an index has no wheel.
    """
    if not declaration.template or not declaration.devkit_path:
        return
    found = facts.of(probes.devkit)
    expected = f"hangar_devkit-{declaration.template}-py3-none-any.whl"
    restore = f"git checkout HEAD -- {declaration.devkit_path}"
    if found.unpacked:
        yield ok("unpacked sources")
    elif not found.wheels:
        yield bad("tools/ has no wheel of hangar-devkit", restore)
    elif len(found.wheels) > 1:
        named = declaration.devkit_path.rpartition("/")[2]
        surplus = [f"tools/{name}" for name in found.wheels if name != named]
        fix = f"rm {' '.join(surplus)}" if named in found.wheels else restore
        yield bad(f"tools/ has {len(found.wheels)} wheels of hangar-devkit", fix)
    elif found.wheels != [expected]:
        version = found.wheels[0].split("-")[1]
        yield bad(f"the wheel is {version}, the template {declaration.template}")
    elif declaration.devkit_path != f"tools/{expected}":
        fix = f'set path = "tools/{expected}" under [tool.uv.sources.hangar-devkit]'
        yield bad(f"[tool.uv.sources] names {declaration.devkit_path}", fix)
    else:
        yield ok(declaration.template)


@check(
    "PF610",
    "Containers see the repository",
    why="`.git` of a linked worktree or a submodule names a directory that is not mounted.",
    fix="on the host: uv run hangar preflight --fix --scope host --only PF610",
    level="warn",
    scopes=("host", "container", "test"),
    fixable=True,
)
def repository_is_visible(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """What `.git` names exists here; on the host, by a path that holds in a dev container, too.

    A dev container sees it with `devcontainer up --mount-git-worktree-common-dir`, or the
    setting of that name in VS Code. `nox -s container` mounts it itself.
    """
    here = facts.of(probes.repository)
    if not here or not here.named:
        return
    if here.missing:
        yield bad(f".git names {here.named}, which does not exist here: no git command works")
    elif "host" not in facts.scopes or not facts.of(containers).devcontainer:
        yield ok(here.named)
    elif os.path.isabs(here.named):
        yield bad(f"a dev container cannot find {here.named}, an absolute path")
    else:
        fix = "turn on 'mount git worktree common dir' for dev containers"
        yield unknown("whether a dev container mounts what .git names is the editor's setting", fix)


@check(
    "PF611",
    "Nobody else may write what the host executes",
    why="A user or a container that can write these files can run code on the host.",
    fix="chmod o-w, and chown to yourself, the files that `git diff` shows to be unchanged",
    level="warn",
    scopes=("host",),
)
def executed_files_are_private(declaration: Declaration, facts: Facts) -> Iterator[Verdict]:
    """Files that git, sessions and the dev container execute on the host belong to this user.

    These are the launcher in `tools/`, the hooks, `initializeCommand`, the noxfile, the container
    files and `.git/config`. A container that mounts the project can write them all the same:
    SECURITY.md of the project lists them, and says how to work on code that is not trusted.
    """
    names = tuple(facts.of(probes.executed_files))
    if not names:
        return
    if facts.machine.uid is None:
        yield unknown("the permissions of Windows are not read here")
        return
    found = facts.of(probes.writable_by_others, names)
    if found:
        yield bad(f"others may write {', '.join(found[:3])}{' ...' if len(found) > 3 else ''}")
    else:
        yield ok(f"{len(names)} files, such as {names[0]}")


def _here(facts: Facts) -> probes.Repository | None:
    """Return the repository, where there is one.

    Raises:
        UncheckedError: Its `.git` names a directory that does not exist here; see PF610.
    """
    here = facts.of(probes.repository)
    if here and here.missing:
        raise UncheckedError(f".git names {here.named}, which does not exist here")
    return here
