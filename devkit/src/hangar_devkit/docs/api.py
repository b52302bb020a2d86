"""Report API changes since a release that break importers of the package."""

import os
import re
import subprocess
import sys
from pathlib import Path

from hangar_devkit.docs.registry import PageError, manifest, table

VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")


def report(against: str | None = None) -> int:
    """Compare with a release; return 1 for a breaking change that the version does not announce.

    A version announces one by a higher major number or, before 1.0, a higher minor number.

    Args:
        against: A tag; the newest release if None.
    """
    tag = against or newest_tag()
    if tag is None:
        print("api-changes: no release tag yet, so there is nothing to compare with")
        return 0
    try:
        version = str(table(manifest(Path()), "project").get("version", ""))
    except PageError as error:
        print(f"api-changes: {error}", file=sys.stderr)
        return 2
    try:
        changes = breaking(tag)
    except Exception as error:  # noqa: BLE001 - anything from git or griffe
        reason = str(error).strip().splitlines()[-1]
        print(f"api-changes: could not compare with {tag}: {reason}", file=sys.stderr)
        return 2
    for change in changes:
        print(change)
    if not changes:
        print(f"api-changes: nothing breaks since {tag}")
        return 0
    if announces_break(tag, version):
        print(f"api-changes: {version} after {tag} announces these changes")
        return 0
    print(
        f"api-changes: the changes above break importers, and {version} after {tag} does not "
        "announce it: raise the version",
        file=sys.stderr,
    )
    return 1


def breaking(tag: str) -> list[str]:
    """List the changes since a tag that break importers of the packages in `src/`, a line each."""
    import griffe  # noqa: PLC0415 - not needed without a release

    styles = griffe.ExplanationStyle
    style = styles.GITHUB if "GITHUB_ACTIONS" in os.environ else styles.ONE_LINE
    return [
        change.explain(style)
        for path in sorted(Path("src").glob("*/__init__.py"))
        for change in griffe.find_breaking_changes(
            griffe.load_git(path.parent.name, ref=tag, search_paths=["src"]),
            griffe.load(path.parent.name, search_paths=["src"]),
        )
    ]


def newest_tag() -> str | None:
    """Return the newest release, by version, among the tags `vX.Y.Z`."""
    listed = subprocess.run(
        ["git", "tag", "--list", "v*"], capture_output=True, text=True, check=False
    )
    tags = [tag for tag in listed.stdout.split() if VERSION.fullmatch(tag)]
    return max(tags, key=_numbers, default=None)


def announces_break(tag: str, version: str) -> bool:
    """Return whether a version after a tag announces a breaking change."""
    if not (VERSION.fullmatch(tag) and VERSION.fullmatch(version)):
        return False
    before, after = _numbers(tag), _numbers(version)
    places = 2 if after[0] == 0 else 1
    return after[:places] > before[:places]


def _numbers(version: str) -> tuple[int, ...]:
    match = VERSION.fullmatch(version)
    return tuple(int(number or 0) for number in match.groups()) if match else ()
