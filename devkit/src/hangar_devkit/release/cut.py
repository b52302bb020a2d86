"""Cut a release: check everything in a scratch worktree, then commit the version and tag it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hangar_devkit import releases
from hangar_devkit.release import build, image
from hangar_devkit.release.process import find_engine, run
from hangar_devkit.release.project import Project, load, set_version
from hangar_devkit.releases import ReleaseError, Version
from hangar_devkit.worktree import NO_HOOKS, checked_out

BUMPS = ("major", "minor", "patch")
REMOTE_SECONDS = "20"


@dataclass(frozen=True)
class Target:
    """Where a dry run puts what a release would publish.

    Attributes:
        index: URL to upload the distributions to; nowhere when empty.
        registry: Repository to push the image to; nowhere when empty.
    """

    index: str = ""
    registry: str = ""


def cut(
    root: Path,
    wanted: str,
    report: Callable[[str], None],
    dry_run: Target | None = None,
    *,
    audit: bool = True,
) -> str:
    """Release a project.

    The project's files, branch and tags stay as they are until every check has passed.

    Args:
        root: The project.
        wanted: The new version `X.Y.Z`, or what to raise: `major`, `minor` or `patch`.
        report: Called with a line for each step.
        dry_run: Do everything but commit and tag, and publish to these places.
        audit: Compare the locked packages with the database of known vulnerabilities.

    Returns:
        The new tag.

    Raises:
        PyprojectError: There is no usable `pyproject.toml`.
        ReleaseError: The release is refused, or a check fails.
        WorktreeError: The last commit cannot be checked out.
    """
    project = load(root)
    report("check the repository, the version and the changelog")
    version = choose(project, wanted)
    tag = f"v{version}"
    _require_clean(root)
    branch = _branch(root)
    if unchecked := _taken(root, tag):
        report(f"not checked: {unchecked}")
    with checked_out(root) as scratch:
        set_version(scratch, version, date.today().isoformat())  # noqa: DTZ011 - author's day
        candidate = replace(load(scratch), root=scratch)
        if (scratch / "uv.lock").is_file():
            run("uv", "lock", "--quiet", cwd=scratch)
        _commit(scratch, version)
        _check(candidate, report)
        _audit(candidate, report, wanted=audit)
        distributions = scratch / "dist"
        built = build.build(candidate, distributions, report, candidate.notes())
        if project.publishes_image:
            _check_image(candidate, report, dry_run)
        if dry_run:
            if dry_run.index:
                report(f"upload the distributions to {dry_run.index}")
                upload = ("uv", "publish", f"--publish-url={dry_run.index}")
                refused = f"the index {dry_run.index} does not take the distributions"
                run(*upload, str(built.source), str(built.wheel), cwd=scratch, failed=refused)
            return tag
        commit = run("git", "rev-parse", "HEAD", cwd=scratch)
    # Nothing of the user's is at stake: the tree was clean, and the commit is based on HEAD.
    run("git", *NO_HOOKS, "merge", "--ff-only", "--quiet", commit, cwd=root)
    message = f"{project.name} {version}"
    run("git", "tag", "--annotate", f"--message={message}", tag, commit, cwd=root)
    report(f"tagged {tag} on {branch}")
    return tag


def choose(project: Project, wanted: str) -> str:
    """Return the version of the release.

    Args:
        project: The project.
        wanted: A version `X.Y.Z`, or one of `BUMPS`.

    Raises:
        ReleaseError: It is not a version, or not higher than the newest release.
    """
    last = releases.newest(project.root)
    if wanted in BUMPS:
        return _raise(last.version if last else _parse(project.version), wanted)
    version = _parse(wanted)
    if last and version <= last.version:
        suggested = _raise(last.version, "patch")
        raise ReleaseError(
            f"{wanted} is not higher than {last.tag}, the newest release; the next is {suggested}"
        )
    return ".".join(map(str, version))


def _parse(text: str) -> Version:
    version = releases.parse(text)
    if version is None or text.count(".") != 2:
        raise ReleaseError(f"{text!r} is not a version of the form X.Y.Z")
    return version


def _raise(version: Version, part: str) -> str:
    kept = BUMPS.index(part)
    numbers = [*version[:kept], version[kept] + 1, 0, 0][:3]
    return ".".join(map(str, numbers))


def _require_clean(root: Path) -> None:
    changed = run("git", "status", "--porcelain", cwd=root).splitlines()
    if changed:
        names = ", ".join(line.split(maxsplit=1)[1] for line in changed[:3])
        raise ReleaseError(f"the tree has changes that are not committed ({names}); commit them")
    for setting in ("user.name", "user.email"):
        run("git", "config", setting, cwd=root, failed=f"git has no {setting}; set it")


def _branch(root: Path) -> str:
    return run(
        *("git", "symbolic-ref", "--short", "HEAD"),
        cwd=root,
        failed="no branch is checked out; a release commit needs one: git switch main",
    )


def _taken(root: Path, tag: str) -> str:
    """Refuse a tag that exists; return what could not be checked."""
    if run("git", "tag", "--list", tag, cwd=root):
        raise ReleaseError(f"the tag {tag} exists already; choose a higher version")
    if "origin" not in run("git", "remote", cwd=root).split():
        return ""
    ask = ("git", "-c", f"http.lowSpeedTime={REMOTE_SECONDS}", "-c", "http.lowSpeedLimit=1")
    quiet = {"GIT_TERMINAL_PROMPT": "0"}
    try:
        answer = run(
            *ask, "ls-remote", "--tags", "origin", f"refs/tags/{tag}", cwd=root, environment=quiet
        )
    except ReleaseError:
        return f"whether origin has {tag}, because it does not answer"
    if answer:
        raise ReleaseError(f"origin has the tag {tag} already: git fetch --tags, then run again")
    return ""


def _commit(scratch: Path, version: str) -> None:
    run("git", "add", "--update", ".", cwd=scratch)
    run("git", *NO_HOOKS, "commit", "--quiet", f"--message=Release {version}", cwd=scratch)


def _check(project: Project, report: Callable[[str], None]) -> None:
    """Compare the contracts with the last release, and build the docs."""
    root, python = project.root, sys.executable
    hangar = (python, "-m", "hangar_devkit")
    if (root / "contracts").is_dir():
        report("compare the contracts with the last release")
        run(*hangar, "contracts", "--check", cwd=root, failed="the contracts refuse this version")
    if (root / "mkdocs.yml").is_file():
        report("build the docs, strictly")
        site = (python, "-m", "properdocs", "build", "--strict", "--quiet")
        run(*site, "--config-file=mkdocs.yml", cwd=root, failed="the docs do not build")


def _audit(project: Project, report: Callable[[str], None], *, wanted: bool) -> None:
    """Compare the locked run-time packages with the database of known vulnerabilities."""
    root = project.root
    if not wanted or not (root / "uv.lock").is_file():
        reason = "there is no uv.lock" if wanted else "--skip-audit"
        report(f"not checked: known vulnerabilities ({reason})")
        return
    report("audit the locked packages")
    requirements = root.parent / "requirements.txt"
    export = ("uv", "export", "--frozen", "--quiet", "--no-dev", "--no-emit-local")
    run(*export, f"--output-file={requirements}", cwd=root)
    audit = (sys.executable, "-m", "pip_audit", "--strict", "--disable-pip")
    run(
        *(*audit, "--progress-spinner=off", f"--requirement={requirements}"),
        cwd=root,
        failed="the audit does not pass (without network: --skip-audit)",
    )


def _check_image(project: Project, report: Callable[[str], None], dry_run: Target | None) -> None:
    if find_engine() is None:
        report(
            "not checked: the image, because no container engine answers; CI builds and tests it"
        )
        return
    digest = image.build_and_test(project, report, dry_run.registry if dry_run else "")
    report(f"the image is {digest}")
