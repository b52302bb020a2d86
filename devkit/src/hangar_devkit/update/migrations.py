"""What versions ship in `migrations/vX.Y.Z/` for the files of a project.

`files.toml` names files that the template renamed; `migrate.py` is run on a copy of the project.
"""

import os
import re
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit.update.answers import folders
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, Tree
from hangar_devkit.update.releases import Version
from hangar_devkit.update.scratch import write_directory


@dataclass(frozen=True)
class Rename:
    """A file that the template renamed: its old path and its new one, each with at most one `*`."""

    old: str
    new: str

    def source(self, path: str) -> str | None:
        """Return the old path of a file that has the new one; None for any other file."""
        pattern = "([^/]*)".join(map(re.escape, self.new.split("*")))
        found = re.fullmatch(pattern, path)
        return self.old.replace("*", "".join(found.groups())) if found else None


def read_renames(migrations: Path, after: Version | None, upto: Version) -> list[Rename]:
    """Read the renamed files of the versions after one, up to another, oldest first.

    Raises:
        UpdateError: If a `files.toml` is not TOML, or has no table of paths under `renamed`.
    """
    renames = []
    for _, folder in folders(migrations, after, upto):
        path = folder / "files.toml"
        if not path.exists():
            continue
        try:
            renamed = tomllib.loads(path.read_text(encoding="utf-8"))["renamed"]
            renames += [Rename(str(old), str(new)) for old, new in renamed.items()]
        except (tomllib.TOMLDecodeError, KeyError, AttributeError) as error:
            raise UpdateError(
                f"The template's migrations/{folder.name}/files.toml cannot be read: {error!r}"
            ) from None
    return renames


def find_scripts(migrations: Path, after: Version | None, upto: Version) -> list[Path]:
    """Return the scripts of the versions after one, up to another, oldest first."""
    scripts = [path / "migrate.py" for _, path in folders(migrations, after, upto)]
    return [script for script in scripts if script.exists()]


def run_scripts(
    scratch: Git, head: str, scripts: list[Path], rendering: Path
) -> tuple[Tree, list[str]]:
    """Run scripts, one after another.

    A script edits the files of the directory that it is started in, a copy of the user's last
    commit. The project itself is not touched.

    Args:
        scratch: Git in the scratch repository, which can read the project's objects.
        head: The tree of the user's files.
        scripts: What to run.
        rendering: The new version, rendered. Scripts find it as `HANGAR_RENDERING`.

    Returns:
        The user's files after the scripts; and a line for each script, with what it printed.

    Raises:
        UpdateError: If a script fails.
    """
    ours = scratch.tree(head)
    if not scripts:
        return ours, []
    copy = scratch.directory.parent / "copy"
    copy.mkdir()
    index = copy.with_suffix(".index")
    environment = {**scratch.environment, "GIT_WORK_TREE": str(copy), "GIT_INDEX_FILE": str(index)}
    Git(copy, environment).run("read-tree", "--reset", "-u", head)
    before = _contents(copy)
    lines: list[str] = []
    for script in scripts:
        lines += [f"{script.parent.name}/migrate.py", *_run(script, copy, rendering)]
    # Files that no script touched keep their entry: to store them again could change line ends, and
    # the copy has nothing of a submodule.
    after_scripts = _contents(copy)
    changed = {
        path
        for path in before.keys() | after_scripts.keys()
        if before.get(path) != after_scripts.get(path)
    }
    kept = {path: entry for path, entry in ours.items() if path not in changed}
    return {**kept, **write_directory(scratch, copy, changed & after_scripts.keys())}, lines


def _contents(root: Path) -> dict[str, tuple[bytes, bool]]:
    """Return what a directory's files are: content or target, and whether they are executable."""
    found = {}
    for directory, directories, names in os.walk(root):
        links = [name for name in directories if Path(directory, name).is_symlink()]
        for name in (*names, *links):
            path = Path(directory, name)
            link = path.is_symlink()
            content = b"-> " + os.fsencode(path.readlink()) if link else path.read_bytes()
            executable = not link and os.access(path, os.X_OK)
            found[path.relative_to(root).as_posix()] = content, executable
    return found


def _run(script: Path, copy: Path, rendering: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=copy,
        env={
            **os.environ,
            "HANGAR_UPDATE": "1",  # absent in the updaters from before v0.2.0
            "HANGAR_RENDERING": str(rendering),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONIOENCODING": "utf-8",
        },
        capture_output=True,
        check=False,
    )
    if done.returncode:
        output = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise UpdateError(
            f"The template's migrations/{script.parent.name}/migrate.py failed; your files are"
            f" unchanged:\n{output}"
        )
    return [f"  {line}" for line in done.stdout.decode(errors="replace").splitlines()]
