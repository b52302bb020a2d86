"""The command `hangar unpack`: replace the wheel in `tools/` by its sources, and go back.

The wheel stays where it is, so that going back needs no network and no history.
"""

import argparse
import os
import re
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from hangar_devkit.files import write_atomically

PACKAGE = "hangar_devkit"
TOOLS = "tools"
SOURCES = f"{TOOLS}/hangar-devkit"
_RESTORE = 'Restore it: git checkout HEAD -- "tools/*.whl"'
# The table in which a project says where its devkit is; it holds nothing else.
_TABLE = re.compile(
    r'^\[tool\.uv\.sources\.hangar-devkit\]\r?\npath = "(?P<path>[^"\r\n]+)"'
    r"(?:\r?\neditable = true)?(?=\r?$)",
    re.MULTILINE,
)


class UnpackError(Exception):
    """Nothing was done: the message gives the reason and the fix."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 if the sources are unpacked or removed; 2 if nothing was done.
    """
    parser = argparse.ArgumentParser(
        prog="hangar unpack",
        description=f"Write the sources of hangar-devkit to {SOURCES}/ and use them instead of the"
        " wheel, to patch or debug them.",
    )
    parser.add_argument("--undo", action="store_true", help="delete the sources, use the wheel")
    parser.add_argument("--force", action="store_true", help="with --undo: delete your edits too")
    options = parser.parse_args(arguments)
    try:
        root = find_project(Path.cwd())
        if options.undo:
            undo(root, force=options.force)
            print(f"Deleted {SOURCES}/; pyproject.toml names the wheel. Now run: uv lock")
        else:
            unpack(root)
            print(f"Wrote {SOURCES}/, which pyproject.toml names now. Now run: uv lock")
    except (OSError, UnicodeDecodeError, UnpackError) as error:
        print(f"hangar unpack: {error}", file=sys.stderr)
        return 2
    return 0


def find_project(directory: Path) -> Path:
    """Return the nearest directory whose pyproject.toml has a source for hangar-devkit.

    Raises:
        UnpackError: If there is none.
    """
    for root in (directory, *directory.parents):
        manifest = root / "pyproject.toml"
        if manifest.is_file() and _TABLE.search(_read(manifest)):
            return root
    raise UnpackError(
        "no pyproject.toml here or above has a table [tool.uv.sources.hangar-devkit] with a path."
        " Only a project that takes hangar-devkit from tools/ can unpack it"
    )


def read_sources(wheel: Path) -> dict[str, bytes]:
    """Return the source tree that a wheel was built from, as path and content.

    Raises:
        UnpackError: If the wheel cannot be read.
    """
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                parts = PurePosixPath(name).parts
                if name.endswith("/") or ".." in parts:
                    continue
                if name == f"{PACKAGE}/pyproject.toml":
                    files["pyproject.toml"] = archive.read(name)
                elif parts[0] == PACKAGE:
                    files[f"src/{name}"] = archive.read(name)
                elif parts[1:] == ("licenses", "LICENSE"):
                    files["LICENSE"] = archive.read(name)
                elif parts[1:] == ("METADATA",):
                    files["README.md"] = archive.read(name).partition(b"\n\n")[2]
    except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise UnpackError(f"{TOOLS}/{wheel.name} cannot be read: {error}. {_RESTORE}") from None
    if "pyproject.toml" not in files:
        raise UnpackError(f"{TOOLS}/{wheel.name} does not contain its pyproject.toml")
    return files


def unpack(root: Path) -> None:
    """Write the sources of a project's wheel and name them in its pyproject.toml.

    Raises:
        UnpackError: If the wheel cannot be read, or something else is in the way.
    """
    target = root / SOURCES
    files = read_sources(_wheel(root))
    if edited := differences(target, files):
        raise UnpackError(f"{SOURCES}/ exists already{_listed(edited)}")
    with tempfile.TemporaryDirectory(prefix=".hangar-devkit-", dir=root / TOOLS) as temporary:
        new = Path(temporary) / "new"
        for name, content in files.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(content)
        if target.exists():  # caches, or what an interrupted run wrote
            target.rename(Path(temporary) / "old")
        new.rename(target)
    _set_source(root, SOURCES, editable=True)


def undo(root: Path, *, force: bool = False) -> None:
    """Name the wheel in a project's pyproject.toml again and delete the sources.

    Args:
        root: The project.
        force: Whether to delete files that differ from the wheel's.

    Raises:
        UnpackError: If the wheel cannot be read, or files would be lost.
    """
    target, wheel = root / SOURCES, _wheel(root)
    files = read_sources(wheel)
    edited = differences(target, files)
    if edited and not force:
        raise UnpackError(
            f"{SOURCES}/ has files that are not in the wheel{_listed(edited)}\n"
            "Move them away, or delete them: hangar unpack --undo --force"
        )
    _set_source(root, f"{TOOLS}/{wheel.name}", editable=False)
    if target.exists():
        with tempfile.TemporaryDirectory(prefix=".hangar-devkit-", dir=root / TOOLS) as temporary:
            target.rename(Path(temporary) / "old")


def differences(target: Path, files: Mapping[str, bytes]) -> list[str]:
    """List the files of a tree that are edited or not among some files; caches do not count."""
    found = []
    for directory, subdirectories, names in os.walk(target):
        subdirectories[:] = [name for name in subdirectories if not _is_cache(name)]
        for name in names:
            path = Path(directory, name)
            relative = path.relative_to(target).as_posix()
            if path.is_symlink() or path.read_bytes() != files.get(relative):
                found.append(f"{SOURCES}/{relative}")
    return sorted(found)


def _is_cache(name: str) -> bool:
    return name == "__pycache__" or name.endswith(".egg-info")


def _listed(paths: list[str]) -> str:
    more = f"\n  and {len(paths) - 5} more" if len(paths) > 5 else ""
    return ":" + "".join(f"\n  {path}" for path in paths[:5]) + more


def _wheel(root: Path) -> Path:
    """Return the one wheel of a project."""
    wheels = sorted((root / TOOLS).glob(f"{PACKAGE}-*.whl"))
    if not wheels:
        raise UnpackError(f"{TOOLS}/ has no wheel of hangar-devkit. {_RESTORE}")
    if len(wheels) > 1:
        names = " and ".join(wheel.name for wheel in wheels)
        raise UnpackError(f"{TOOLS}/ has {names}. Delete those of other versions")
    return wheels[0]


def _read(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as stream:
        return stream.read()


def _set_source(root: Path, path: str, *, editable: bool) -> None:
    manifest = root / "pyproject.toml"
    text = _read(manifest)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = ["[tool.uv.sources.hangar-devkit]", f'path = "{path}"', *["editable = true"] * editable]
    new = _TABLE.sub(lambda _: newline.join(lines), text)
    if new != text:
        write_atomically(manifest, new)
