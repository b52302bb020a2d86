"""Write the outcome into the user's tree so that one git command takes it back at any moment.

The index is written first and in one step. From then on `git reset --hard HEAD` restores every
file, also those that are new, whatever of the work tree has been written.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Entry, Git, Tree
from hangar_devkit.update.merge import Conflict
from hangar_devkit.update.state import JOURNAL

_NOTHING = "0" * 40


@dataclass(frozen=True)
class Landing:
    """What is to be written.

    Attributes:
        files: Path and new entry; None removes the file.
        conflicts: Files for the user to settle.
    """

    files: dict[str, Entry | None]
    conflicts: Mapping[str, Conflict]

    @property
    def paths(self) -> list[str]:
        """All paths that the landing writes or removes."""
        return sorted({*self.files, *self.conflicts})


def refuse_obstacles(root: Path, landing: Landing, ours: Tree) -> None:
    """Refuse to write over files that git does not know, and so could not bring back.

    Raises:
        UpdateError: With the files that are in the way.
    """
    going = {path for path, entry in landing.files.items() if entry is None}
    blocked = []
    for path in landing.paths:
        if path in ours or path in going:
            continue
        spots = [Path(path), *list(Path(path).parents)[:-1]]
        held = next((spot for spot in spots if _occupied(root / spot, spot == spots[0])), None)
        if held is not None and held.as_posix() not in going:
            blocked.append(held.as_posix())
    if blocked:
        raise UpdateError(
            "The update brings files where you have something that git ignores or that is of"
            f" another kind: {', '.join(sorted(set(blocked)))}\nMove it away, then run again."
        )


def _occupied(spot: Path, leaf: bool) -> bool:
    return spot.is_symlink() or (spot.exists() if leaf else spot.is_file())


def land(git: Git, workshop: Git, landing: Landing, what: str) -> None:
    """Write the outcome: objects, index, work tree, in this order.

    Args:
        git: Git on the project, whose tree is clean.
        workshop: Git in the workshop, which has the objects.
        landing: What to write.
        what: What the next run calls this update, should this one be killed.
    """
    _copy_objects(git, workshop, landing)
    journal = Path(git.line("rev-parse", "--absolute-git-dir")) / JOURNAL
    journal.write_text(what + "\n", encoding="utf-8")
    git.run("update-index", "-z", "--index-info", stdin=_index_lines(landing))
    for path, entry in landing.files.items():
        if entry is None:
            _remove(git.directory, path)
    written = [path for path, entry in landing.files.items() if entry is not None]
    git.run("checkout-index", "--force", "-z", "--stdin", stdin=_joined(written))
    for path, conflict in landing.conflicts.items():
        _write_conflict(git.directory / path, conflict)
    git.call("update-index", "-q", "--refresh")
    journal.unlink()


def _copy_objects(git: Git, workshop: Git, landing: Landing) -> None:
    names = {entry[1] for entry in landing.files.values() if entry is not None}
    names |= {name for conflict in landing.conflicts.values() for _, name, _ in conflict.stages}
    pack = workshop.run(
        "pack-objects", "--quiet", "--stdout", stdin="\n".join(names).encode() + b"\n"
    )
    git.run("unpack-objects", "-q", stdin=pack)


def _index_lines(landing: Landing) -> bytes:
    gone = [path for path, entry in landing.files.items() if entry is None]
    lines = [f"0 {_NOTHING}\t{path}" for path in (*gone, *landing.conflicts)]
    for path, entry in landing.files.items():
        if entry is not None:
            lines.append(f"{entry[0]} {entry[1]} 0\t{path}")
    for path, conflict in landing.conflicts.items():
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
