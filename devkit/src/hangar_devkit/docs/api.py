"""The action `api-changes`: what breaks for those who import the package, since a release."""

import os
import sys
from pathlib import Path

from hangar_devkit import pyproject, releases
from hangar_devkit.pyproject import PyprojectError
from hangar_devkit.releases import ReleaseError


class ComparisonError(Exception):
    """The package cannot be compared with a release; the message says why and what to do."""


def report(root: Path, against: str | None = None) -> int:
    """Compare the package with a release and print what breaks.

    Args:
        root: The project.
        against: A tag; the newest release that is merged when None.

    Returns:
        0 where nothing breaks or the version announces it, 1 where it does not, 2 where the two
        could not be compared.
    """
    try:
        tag = against or _newest_tag(root)
        if tag is None:
            print("hangar docs: nothing to compare with: no release is merged into this commit")
            return 0
        version = pyproject.version(pyproject.load(root))
        changes = breaking(root, tag)
    except (ComparisonError, PyprojectError, ReleaseError) as error:
        print(f"hangar docs: {error}", file=sys.stderr)
        return 2
    for change in changes:
        print(change)
    if not changes:
        print(f"hangar docs: nothing breaks since {tag}")
        return 0
    released = releases.parse(tag)
    if released and releases.announces_break(released, version):
        print(f"hangar docs: version {version} announces these changes since {tag}")
        return 0
    print(
        f"hangar docs: these changes break importers; version {version or '(none)'} does not "
        f"announce that after {tag}: raise the major number (the minor one below 1.0)",
        file=sys.stderr,
    )
    return 1


def breaking(root: Path, tag: str) -> list[str]:
    """Explain, a line each, what breaks for importers of the project's packages since a tag.

    Raises:
        ComparisonError: There is no package, or Griffe cannot load one of its versions.
    """
    try:
        import griffe  # noqa: PLC0415 - slow to import, and only used here
    except ModuleNotFoundError as error:
        raise ComparisonError(
            "could not compare: Griffe is not installed; run `pip install griffelib` "
            "(or `uv add --dev griffelib`)"
        ) from error

    folder, names = _packages(root)
    changes: list[str] = []
    compared = False
    for name in names:
        try:
            # Sources are read, never run.
            old = griffe.load_git(
                name, ref=tag, repo=root, search_paths=[folder], allow_inspection=False
            )
            new = griffe.load(name, search_paths=[root / folder], allow_inspection=False)
        except ModuleNotFoundError:
            continue  # a package that the release does not have
        except Exception as error:  # whatever git and the sources raise
            lines = str(error).strip().splitlines() or [type(error).__name__]
            raise ComparisonError(f"could not compare with {tag}: {lines[-1]}") from error
        compared = True
        styles = griffe.ExplanationStyle
        style = styles.GITHUB if "GITHUB_ACTIONS" in os.environ else styles.ONE_LINE
        changes += [change.explain(style) for change in griffe.find_breaking_changes(old, new)]
    if not compared:
        raise ComparisonError(f"could not compare: {tag} has no package {' or '.join(names)}")
    return changes


def _newest_tag(root: Path) -> str | None:
    release = releases.newest(root)
    return release.tag if release else None


def _packages(root: Path) -> tuple[str, list[str]]:
    """Return the directory of the packages, from the root, and their names."""
    names = sorted(path.parent.name for path in root.glob("src/*/__init__.py"))
    if names:
        return "src", names
    name = str(pyproject.table(pyproject.load(root), "project").get("name", ""))
    name = name.replace("-", "_").replace(".", "_").lower()
    if name and (root / name / "__init__.py").exists():
        return ".", [name]
    raise ComparisonError(
        f"could not compare: no package in {root / 'src'}, and none named after the project"
    )
