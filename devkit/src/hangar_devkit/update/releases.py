"""Read the template's releases: its tags, the newest of them, and its changelog."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from hangar_devkit.releases import parse as parse_release
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import READ_TOKEN, Git, server_timeout, template_git

_DEVELOPMENT = re.compile(r"(\d+\.\d+\.\d+)\.dev\d+")
_HEADING = re.compile(r"## \[?v?(\d+\.\d+\.\d+)\]?(\s.*)?")

Version = tuple[int, int, int]


class Release(NamedTuple):
    """A tag `vX.Y.Z` and the commit behind it."""

    version: Version
    commit: str

    @property
    def tag(self) -> str:
        """The tag's name."""
        return "v" + ".".join(map(str, self.version))


class UpdateRequest(NamedTuple):
    """From which version to update to which release, with which answers."""

    version: Version | None
    release: Release
    given: dict[str, Any]


def parse(text: str) -> Version | None:
    """Read `1.2.3` or `v1.2.3`; return None for anything else, pre-releases included."""
    return parse_release(text) if text.count(".") == 2 else None


def find_releases(git: Git, template: str) -> list[Release]:
    """Ask the template's repository for its releases, oldest first; nothing is downloaded.

    Raises:
        UpdateError: If the repository does not answer or has no release.
    """
    asking = template_git(git, template)
    answer = asking.call("ls-remote", "--tags", "--", template, "v*", timeout=server_timeout())
    if answer.returncode:
        reason = answer.stderr.decode(errors="replace").strip().splitlines() or ["no answer"]
        raise UpdateError(
            f"Could not ask {template} for its releases: {reason[0]}\n"
            "Check the network, and `template` in .cruft.json. A private template needs credentials"
            f" of git, or a token in {READ_TOKEN}."
        )
    commits: dict[Version, str] = {}
    for line in answer.stdout.decode().splitlines():
        commit, _, name = line.partition("\t")
        # The line of an annotated tag's commit, `^{}`, follows the tag's own and replaces it.
        version = parse(name.removeprefix("refs/tags/").removesuffix("^{}"))
        if version:
            commits[version] = commit
    if not commits:
        raise UpdateError(f"{template} has no release (no tag vX.Y.Z), so there is no update.")
    return [Release(version, commits[version]) for version in sorted(commits)]


def choose(releases: list[Release], tag: str | None) -> Release:
    """Return the release that was asked for, or the newest.

    Raises:
        UpdateError: If there is no such release.
    """
    if tag is None:
        return releases[-1]
    for release in releases:
        if release.version == parse(tag):
            return release
    known = ", ".join(release.tag for release in releases[-5:])
    raise UpdateError(f"The template has no release {tag}. The newest are: {known}.")


def current(releases: list[Release], commit: str, stated: Callable[[], str]) -> Version | None:
    """Return the version that a project has: its commit's tag, else what its files state.

    For a development version, such as 1.2.0.dev3, that is the release before it.
    """
    tagged = [release.version for release in releases if release.commit == commit]
    if tagged:
        return tagged[-1]
    version = stated()
    development = _DEVELOPMENT.fullmatch(version)
    if development is None:
        return parse(version)
    coming = parse(development[1])
    earlier = [release.version for release in releases if coming and release.version < coming]
    return earlier[-1] if earlier else None


def changelog_between(text: str, after: Version | None, upto: Version) -> str:
    """Return the sections of a changelog for the versions after one, up to another."""
    chosen: list[str] = []
    inside = False
    for line in text.splitlines():
        if line.startswith("## "):
            found = _HEADING.fullmatch(line)
            version = parse(found[1]) if found else None
            inside = version is not None and (after or (-1, 0, 0)) < version <= upto
        if inside:
            chosen.append(line)
    return "\n".join(chosen).strip()
