"""Write an update into the user's tree so that one git command undoes it at any moment.

The index is written first and in one step. From then on `git reset --hard HEAD` restores every
file, also those that are new, whatever of the work tree has been written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Entry, Git, Tree
from hangar_devkit.update.managed import WHEEL
from hangar_devkit.update.merge import Conflict
from hangar_devkit.update.state import JOURNAL

_NO_OBJECT = "0" * 40


@dataclass(frozen=True)
class ChangeSet:
    """What an update writes.

    Attributes:
        files: Path and new entry; None removes the file.
        conflicts: Files for the user to resolve.
    """

    files: dict[str, Entry | None]
    conflicts: Mapping[str, Conflict]

    @property
    def paths(self) -> list[str]:
        """All paths that are written or removed."""
        return sorted({*self.files, *self.conflicts})


def refuse_obstacles(root: Path, changes: ChangeSet, ours: Tree) -> None:
    """Refuse to write over files that git does not know, and so could not bring back.

    Raises:
        UpdateError: With the files that are in the way.
    """
    removed = {path for path, entry in changes.files.items() if entry is None}
    blocked = []
    for path in changes.paths:
        if path in ours or path in removed:
            continue
        candidates = [Path(path), *list(Path(path).parents)[:-1]]
        obstacle = next(
            (each for each in candidates if _occupied(root / each, leaf=each == candidates[0])),
            None,
        )
        if obstacle is not None and obstacle.as_posix() not in removed:
            blocked.append(obstacle.as_posix())
    if blocked:
        raise UpdateError(
            "The update brings files where you have something that git ignores, or a directory"
            f" in place of a file: {', '.join(sorted(set(blocked)))}\nMove it away, then run again."
        )


def _occupied(path: Path, *, leaf: bool) -> bool:
    return path.is_symlink() or (path.exists() if leaf else path.is_file())


def apply(git: Git, scratch: Git, changes: ChangeSet, name: str) -> None:
    """Write the changes: objects, index, work tree, in this order.

    Args:
        git: Git on the project, whose tree is clean.
        scratch: Git in the scratch repository, which has the objects.
        changes: What to write.
        name: What the next run calls this update, if this one is killed.
    """
    _copy_objects(git, scratch, changes)
    journal = Path(git.line("rev-parse", "--absolute-git-dir")) / JOURNAL
    journal.write_text(name + "\n", encoding="utf-8")
    git.run("update-index", "-z", "--index-info", stdin=_index_lines(changes))
    _move_wheel(git.directory, changes)
    for path, entry in changes.files.items():
        if entry is None:
            _remove(git.directory, path)
    written = [path for path, entry in changes.files.items() if entry is not None]
    git.run("checkout-index", "--force", "-z", "--stdin", stdin=_joined(written))
    for path, conflict in changes.conflicts.items():
        _write_conflict(git.directory / path, conflict)
    git.call("update-index", "-q", "--refresh")
    journal.unlink()


def _move_wheel(root: Path, changes: ChangeSet) -> None:
    """Give the wheel its new name, as the launcher must find one to report a killed update."""
    wheels = {path: entry for path, entry in changes.files.items() if WHEEL.fullmatch(path)}
    old = [path for path, entry in wheels.items() if entry is None and (root / path).is_file()]
    new = [path for path, entry in wheels.items() if entry is not None]
    if len(old) == len(new) == 1:
        (root / old[0]).replace(root / new[0])


def _copy_objects(git: Git, scratch: Git, changes: ChangeSet) -> None:
    names = {entry[1] for entry in changes.files.values() if entry is not None}
    names |= {name for conflict in changes.conflicts.values() for _, name, _ in conflict.stages}
    pack = scratch.run(
        "pack-objects", "--quiet", "--stdout", stdin="\n".join(names).encode() + b"\n"
    )
    git.run("unpack-objects", "-q", stdin=pack)


def _index_lines(changes: ChangeSet) -> bytes:
    removed = [path for path, entry in changes.files.items() if entry is None]
    lines = [f"0 {_NO_OBJECT}\t{path}" for path in (*removed, *changes.conflicts)]
    for path, entry in changes.files.items():
        if entry is not None:
            lines.append(f"{entry[0]} {entry[1]} 0\t{path}")
    for path, conflict in changes.conflicts.items():
        lines += [f"{mode} {name} {stage}\t{path}" for mode, name, stage in conflict.stages]
    return _joined(lines)


def _joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\0" for line in lines).encode()


def _remove(root: Path, path: str) -> None:
    (root / path).unlink(missing_ok=True)
    for above in list(Path(path).parents)[:-1]:
        try:
            (root / above).rmdir()
        except OSError:
            return  # still in use


def _write_conflict(path: Path, conflict: Conflict) -> None:
    if conflict.content is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(conflict.content)
    modes = {mode for mode, _, _ in conflict.stages}
    if modes == {"100755"}:
        path.chmod(0o755)
