"""Prepare the three trees of a merge: set what belongs to the updater, so that it never conflicts.

That is two lines of pyproject.toml, the path of hangar-devkit and the template's version; and the
wheel in tools/. Sources that `hangar unpack` wrote are merged against those in the wheels.
"""

import re
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from zipfile import is_zipfile

from hangar_devkit.unpack import SOURCES as UNPACKED
from hangar_devkit.unpack import UnpackError, read_sources
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree
from hangar_devkit.update.scratch import write_blob

PROJECT_FILE = "pyproject.toml"
WHEEL = re.compile(r"tools/hangar_devkit-[^/]+\.whl")
_SOURCE = re.compile(
    r'^\[tool\.uv\.sources\.hangar-devkit\]\n(?:#.*\n)*?path = "([^"\n]*)"', re.MULTILINE
)
_SOURCE_TABLE = re.compile(
    r"^(?:#.*\n)*\[tool\.uv\.sources\.hangar-devkit\]\n(?:.+\n)*", re.MULTILINE
)
_VERSION = re.compile(
    r'^(\[tool\.hangar\]\n(?:[^\[\n].*\n|\n)*?template = )"([^"\n]*)"', re.MULTILINE
)
# Until v0.2.0, devkit was a member of the project's workspace.
_WORKSPACE_TABLE = re.compile(r'^\[tool\.uv\.workspace\]\nmembers = \["tools"\]\n\n?', re.MULTILINE)
_WORKSPACE_MEMBER = re.compile(
    r'(^\[tool\.uv\.workspace\]\nmembers = \[[^\]]*?)(?:"tools",\s*|,\s*"tools"(?=\s*,?\s*\]))',
    re.MULTILINE,
)
_WORKSPACE_SOURCE = re.compile(
    r"^\[tool\.uv\.sources\]\n((?:[^\[\n].*\n)*?)"
    r"hangar-devkit = \{ ?workspace = true ?\}\n((?:[^\[\n].*\n)*)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Trees:
    """What goes into a merge.

    Attributes:
        base: The old rendering.
        theirs: The new rendering.
        ours: The user's files, after the migrations.
        adopted: Whether the project was adopted, so that it always has the wheel.
        wheel: The wheel that the project gets after the merge, if it gets one.
    """

    base: Tree
    theirs: Tree
    ours: Tree
    adopted: bool = False
    wheel: Tree = field(default_factory=dict)


def prepare(scratch: Git, trees: Trees) -> Trees:
    """Set what belongs to the updater in all three trees, and remove the wheels from them."""
    return _set_lines(scratch, _set_wheel_aside(scratch, _add_sources(scratch, trees)))


def _set_lines(scratch: Git, trees: Trees) -> Trees:
    if any(PROJECT_FILE not in tree for tree in (trees.base, trees.theirs, trees.ours)):
        return trees
    theirs = _read(scratch, trees.theirs)
    table, version = _SOURCE_TABLE.search(theirs), _VERSION.search(theirs)
    if table is None or version is None:
        return trees
    own = _SOURCE.search(_read(scratch, trees.ours))
    new = _SOURCE.search(theirs)
    path = own[1] if own and not WHEEL.fullmatch(own[1]) else new[1] if new else ""

    def updated(tree: Tree) -> Tree:
        text = set_lines(modernise(_read(scratch, tree), table[0]), path, version[2])
        return {**tree, PROJECT_FILE: write_blob(scratch, text, tree[PROJECT_FILE][0])}

    return replace(
        trees,
        base=updated(trees.base),
        theirs=updated(trees.theirs),
        ours=updated(trees.ours),
    )


def set_lines(text: str, path: str, version: str) -> str:
    """Return a pyproject.toml with the path of hangar-devkit and the template's version set.

    A source that the user deleted, to use hangar-devkit from an index, stays deleted.
    """
    text = _SOURCE.sub(lambda found: f'{found[0].rpartition("path = ")[0]}path = "{path}"', text)
    if _VERSION.search(text):
        return _VERSION.sub(lambda found: f'{found[1]}"{version}"', text)
    return re.sub(r"(?m)^\[tool\.hangar\]\n", f'[tool.hangar]\ntemplate = "{version}"\n', text)


def modernise(text: str, table: str) -> str:
    """Return a pyproject.toml in which a wheel replaces the member of the workspace."""
    if not _WORKSPACE_SOURCE.search(text):
        return text
    text = _WORKSPACE_TABLE.sub("", text)
    text = _WORKSPACE_MEMBER.sub(r"\1", text)

    def moved(found: re.Match[str]) -> str:
        others = found[1] + found[2]
        return (f"[tool.uv.sources]\n{others}\n" if others else "") + table

    return _WORKSPACE_SOURCE.sub(moved, text)


def _read(scratch: Git, tree: Tree) -> str:
    """Return pyproject.toml; nothing for an adopted project that has none."""
    if PROJECT_FILE not in tree:
        return ""
    return scratch.blob(tree[PROJECT_FILE][1]).decode(errors="surrogateescape")


def _set_wheel_aside(scratch: Git, trees: Trees) -> Trees:
    """Remove the wheels, whatever the user has of them, and keep the new release's aside.

    A project that uses hangar-devkit from an index has no wheel and no source, and gets none.
    """
    wheels = {path: entry for path, entry in trees.theirs.items() if WHEEL.fullmatch(path)}
    named = _SOURCE.search(_read(scratch, trees.ours))
    wanted = trees.adopted or named or _has_wheel(trees.ours) or not _has_wheel(trees.base)
    return replace(
        trees,
        base=_without_wheels(trees.base),
        theirs=_without_wheels(trees.theirs),
        ours=_without_wheels(trees.ours),
        wheel=wheels if wanted else {},
    )


def _without_wheels(tree: Tree) -> Tree:
    return {path: entry for path, entry in tree.items() if not WHEEL.fullmatch(path)}


def _has_wheel(tree: Tree) -> bool:
    return any(WHEEL.fullmatch(path) for path in tree)


def takes_wheel(root: Path) -> bool:
    """Return whether a project takes hangar-devkit from the wheel in `tools/`."""
    source = _SOURCE.search(_text(root / PROJECT_FILE))
    return source is not None and WHEEL.fullmatch(source[1]) is not None


def has_wrong_wheel(root: Path, *, adopted: bool) -> bool:
    """Return whether a project lacks the wheel that it names, has others, or has an altered one.

    A project that was adopted names none.
    """
    if adopted:
        wheels = list(root.glob("tools/hangar_devkit-*.whl"))
        return len(wheels) != 1 or not is_zipfile(wheels[0])
    source = _SOURCE.search(_text(root / PROJECT_FILE))
    if source is None or not WHEEL.fullmatch(source[1]):
        return False  # from an index, unpacked, or from a place of the user's own
    wheel = root / source[1]
    if sorted(wheel.parent.glob("hangar_devkit-*.whl")) != [wheel] or not is_zipfile(wheel):
        return True
    pattern = rf'filename = "{re.escape(wheel.name)}", hash = "sha256:([0-9a-f]+)"'
    locked = re.search(pattern, _text(root / "uv.lock"))
    return locked is not None and locked[1] != sha256(wheel.read_bytes()).hexdigest()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def is_unpacked(ours: Tree) -> bool:
    """Return whether the project has the sources of hangar-devkit in place of the wheel."""
    return any(path.startswith(f"{UNPACKED}/src/") for path in ours)


def _add_sources(scratch: Git, trees: Trees) -> Trees:
    """Give the renderings of an unpacked project the sources of their wheels."""
    if not is_unpacked(trees.ours):
        return trees
    return replace(
        trees,
        base={**trees.base, **_sources(scratch, trees.base)},
        theirs={**trees.theirs, **_sources(scratch, trees.theirs)},
    )


def _sources(scratch: Git, tree: Tree) -> Tree:
    """Return the sources of the wheel in a tree, where `hangar unpack` writes them."""
    files: Tree = {}
    for path in filter(WHEEL.fullmatch, tree):
        wheel = scratch.directory.parent / path.rpartition("/")[2]
        wheel.write_bytes(scratch.run("cat-file", "blob", tree[path][1]))
        try:
            sources = read_sources(wheel)
        except UnpackError as error:
            raise UpdateError(str(error)) from None
        for name, content in sources.items():
            files[f"{UNPACKED}/{name}"] = write_blob(scratch, content)
    return files
