"""Who owns a file: you, the template, or both. The manifest is in the project's pyproject.toml."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hangar_devkit.update.errors import UpdateError

Owner = Literal["you", "shared", "template"]


@dataclass(frozen=True)
class Manifest:
    """The two lists; a file in neither is the template's.

    Attributes:
        yours: `[tool.cruft] skip`, which cruft obeys too.
        shared: `[tool.hangar] shared`.
    """

    yours: frozenset[str]
    shared: frozenset[str]

    def owner(self, path: str) -> Owner:
        """Return who owns a file, by its path from the project's root."""
        if any(covers(pattern, path) for pattern in self.yours):
            return "you"
        return "shared" if any(covers(pattern, path) for pattern in self.shared) else "template"

    def before(self, base: "Manifest") -> "Manifest":
        """Return who owned what before an update: what the old rendering gave the user, too.

        A user who renames a package renames it in this manifest as well.
        """
        return Manifest(self.yours | base.yours, self.shared)

    def merged(self, base: "Manifest", theirs: "Manifest") -> "Manifest":
        """Return the manifest after an update: the template's new one with the user's changes."""
        return Manifest(
            yours=(theirs.yours | (self.yours - base.yours)) - (base.yours - self.yours),
            shared=(theirs.shared | (self.shared - base.shared)) - (base.shared - self.shared),
        )


def read_manifest(text: str, where: str) -> Manifest:
    """Read the manifest out of a pyproject.toml.

    Raises:
        UpdateError: If the file is not TOML, or a list is not a list of paths.
    """
    try:
        tool = tomllib.loads(text).get("tool", {})
        lists = tool.get("cruft", {}).get("skip", []), tool.get("hangar", {}).get("shared", [])
    except (tomllib.TOMLDecodeError, AttributeError) as error:
        raise UpdateError(f"{where} cannot be read: {error}. Correct it, then run again.") from None
    for name, paths in zip(("[tool.cruft] skip", "[tool.hangar] shared"), lists, strict=True):
        if not isinstance(paths, list) or not all(isinstance(item, str) for item in paths):
            raise UpdateError(
                f"{where}: {name} is not a list of paths. Correct it, then run again."
            )
    return Manifest(frozenset(lists[0]), frozenset(lists[1]))


def covers(pattern: str, path: str) -> bool:
    """Return whether a pattern names a path or a directory above it, as cruft reads patterns.

    Without `*` a pattern is a path. With one it is a glob that is anchored at the root.
    """
    expression = _expression(pattern)
    return any(expression.fullmatch(part) for part in (path, *parents(path)))


def parents(path: str) -> Iterable[str]:
    """Yield the directories above a path, nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _expression(pattern: str) -> re.Pattern[str]:
    pattern = pattern.removeprefix("./").rstrip("/")
    if "*" not in pattern:
        return re.compile(re.escape(pattern))
    wild = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return re.compile("".join(wild.get(piece) or re.escape(piece) for piece in pieces))
