"""What a release needs to know of a project, and the edit that gives it a new version."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hangar_devkit import pyproject
from hangar_devkit.files import write_atomically
from hangar_devkit.release import changelog
from hangar_devkit.releases import ReleaseError

CHANGELOG = "CHANGELOG.md"
PUBLISH = ("none", "package", "image", "both")
_VERSION_LINE = re.compile(r'^(version\s*=\s*)(["\'])[^"\'\r\n]*\2', re.MULTILINE)
_PROJECT_TABLE = re.compile(r"^\[project\][^\S\r\n]*(?:#.*)?\r?$", re.MULTILINE)
_TABLE = re.compile(r"^\[", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A project as its `pyproject.toml` describes it.

    Attributes:
        root: Its directory.
        name: The name of its distribution.
        version: Its version.
        scripts: The commands that it installs.
        publish: What it publishes: one of `PUBLISH`.
        document: The whole `pyproject.toml`.
    """

    root: Path
    name: str
    version: str
    scripts: tuple[str, ...]
    publish: str
    document: dict[str, Any]

    @property
    def publishes_image(self) -> bool:
        """Return whether the project publishes an image."""
        return self.publish in {"image", "both"}

    def notes(self) -> str:
        """Return the section of the changelog for the version.

        Raises:
            ReleaseError: There is no such section, or it is empty.
        """
        return _notes(self.changelog(), self.version)

    def changelog(self) -> str:
        """Return the changelog.

        Raises:
            ReleaseError: It is missing.
        """
        path = self.root / CHANGELOG
        if not path.is_file():
            raise ReleaseError(f"{CHANGELOG} is missing; write what changed, then run again")
        return path.read_bytes().decode("utf-8")


def load(root: Path) -> Project:
    """Read a project.

    Raises:
        PyprojectError: There is no usable `pyproject.toml`.
        ReleaseError: It names no version, or `publish` is not known.
    """
    document = pyproject.load(root)
    project = pyproject.table(document, "project")
    version = project.get("version")
    if not isinstance(version, str):
        raise ReleaseError(
            "pyproject.toml: [project] has no `version`; the release command writes it there"
        )
    publish = pyproject.table(document, "tool", "hangar").get("publish", "none")
    if publish not in PUBLISH:
        raise ReleaseError(
            f"pyproject.toml: [tool.hangar] publish is {publish!r}; choose {', '.join(PUBLISH)}"
        )
    scripts = tuple(pyproject.table(project, "scripts"))
    return Project(root, str(project.get("name", "")), version, scripts, publish, document)


def set_version(root: Path, version: str, date: str) -> None:
    """Write a version into `pyproject.toml`, and date its section of the changelog.

    Args:
        root: The project.
        version: The new version.
        date: The day of the release, as `2026-01-31`.

    Raises:
        ReleaseError: The version is not a line of `[project]`, or nothing is in the changelog.
    """
    path = root / "pyproject.toml"
    text = path.read_bytes().decode("utf-8")
    line = _version_line(text)
    if line is None:
        raise ReleaseError('pyproject.toml: no line `version = "..."` below [project]')
    new = f"{line[1]}{line[2]}{version}{line[2]}"
    log = load(root).changelog()
    dated = changelog.release(log, version, date)
    _notes(dated, version)
    write_atomically(path, text[: line.start()] + new + text[line.end() :])
    write_atomically(root / CHANGELOG, dated)


def _version_line(text: str) -> re.Match[str] | None:
    """Find the line `version = "..."` of the table `[project]`."""
    table = _PROJECT_TABLE.search(text)
    if table is None:
        return None
    after = _TABLE.search(text, table.end())
    return _VERSION_LINE.search(text, table.end(), after.start() if after else len(text))


def _notes(text: str, version: str) -> str:
    notes = changelog.section(text, version)
    if notes is None:
        raise ReleaseError(
            f"{CHANGELOG} has no section `## {version}` and no `## Unreleased`; write what changed"
        )
    if not notes:
        raise ReleaseError(f"{CHANGELOG}: the section for {version} is empty; write what changed")
    return notes
