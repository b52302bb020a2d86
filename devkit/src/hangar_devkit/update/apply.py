"""Write an update into the user's tree so that one git command undoes it at any moment.

The index is written first and in one step. From then on git can restore every file that the update
writes, also those that are new, whatever of the work tree has been written. It never touches other
files: the user may save some while the update runs.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Entry, Git, Tree, decode, encode
from hangar_devkit.update.managed import WHEEL
from hangar_devkit.update.merge import Conflict
from hangar_devkit.update.worktree import changes_in, journal_of


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
    blocked: set[str] = set()
    for path in changes.paths:
        if path not in ours and path not in removed:
            above = [root / each for each in list(Path(path).parents)[:-1]]
            found = [*_files_at(root / path), *(each for each in above if _is_file(each))]
            blocked.update(each.relative_to(root).as_posix() for each in found)
    blocked -= removed
    if blocked:
        raise UpdateError(
            "The update brings files where you have something that git ignores, or a directory"
            f" in place of a file: {', '.join(sorted(blocked))}\nMove it away, then run again."
        )


def _files_at(path: Path) -> list[Path]:
    """List a file, or the files in a directory; a directory without files is in nobody's way."""
    if _is_file(path):
        return [path]
    return [each for each in path.rglob("*") if _is_file(each)] if path.is_dir() else []


def _is_file(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def refuse_edits(git: Git, changes: ChangeSet) -> None:
    """Refuse to write over files that the user has edited since the last commit.

    The tree was clean when the update began, but the user may have saved a file since. And git does
    not report the edits of files that are marked `skip-worktree` or `assume-unchanged`.

    Raises:
        UpdateError: With the files.
    """
    paths = set(changes.paths)
    if edited := sorted(paths.intersection(changes_in(git))):
        raise UpdateError(
            f"You changed files while the update ran: {', '.join(edited)}\n"
            "Nothing was written. Commit or stash them, then run again."
        )
    marked = [
        record[2:]
        for record in git.paths("ls-files", "-v", "-z")
        if (record[0].islower() or record[0] == "S") and record[2:] in paths
    ]
    hidden = [path for path in marked if _is_edited(git, path)]
    if hidden:
        flags = ("--no-skip-worktree", "--no-assume-unchanged")
        listed = "".join(
            "\n  " + " && ".join(f"git update-index {flag} {quote(path)}" for flag in flags)
            for path in hidden
        )
        raise UpdateError(
            "The update changes files whose edits you hide from git (skip-worktree or"
            f" assume-unchanged): {', '.join(hidden)}\n"
            f"Nothing was written. Show the edits to git, commit them, then run again:{listed}"
        )


def _is_edited(git: Git, path: str) -> bool:
    file = git.directory / path
    if file.is_symlink():
        content = os.fsencode(file.readlink())
        found = git.run("hash-object", "--no-filters", "--stdin", stdin=content)
    elif file.is_file():
        found = git.run("hash-object", "--", path)
    else:
        return False  # outside a sparse checkout
    return decode(found).strip() != git.line("rev-parse", f":./{path}")


def apply(git: Git, scratch: Git, changes: ChangeSet, name: str) -> None:
    """Write the changes: objects, index, work tree, in this order.

    Whatever fails, the files are restored as they were.

    Args:
        git: Git on the project, whose tree is clean.
        scratch: Git in the scratch repository, which has the objects.
        changes: What to write.
        name: What the next run calls this update, if this one is killed.

    Raises:
        UpdateError: If the changes cannot be written. The files are as before, or the message has
            the command that restores them.
    """
    refuse_edits(git, changes)
    _copy_objects(git, scratch, changes)
    journal = journal_of(git)
    journal.open(name, [git.prefix + path for path in changes.paths])
    try:
        _write(git, changes)
    except BaseException as error:
        try:
            restore(git, changes.paths)
        except UpdateError:
            raise UpdateError(f"{error}\nBring the files back: {journal.way_back()}") from None
        journal.close()
        if isinstance(error, (UpdateError, OSError)):
            raise UpdateError(f"{error}\nThe files were restored as they were.") from None
        raise
    journal.close()


def restore(git: Git, paths: Iterable[str]) -> None:
    """Restore files as they are in the last commit; those that it does not have are deleted.

    Raises:
        UpdateError: If git cannot write them.
    """
    known = {*git.tree(f"HEAD:{git.prefix}"), *git.paths("ls-files", "-z")}
    listed = encode(path for path in paths if path in known)
    if listed:
        git.run(
            *("--literal-pathspecs", "restore", "--source=HEAD", "--staged", "--worktree"),
            *("--pathspec-from-file=-", "--pathspec-file-nul"),
            stdin=listed,
        )


def _write(git: Git, changes: ChangeSet) -> None:
    git.run("update-index", "-z", "--index-info", stdin=_index_lines(changes, git.prefix))
    _move_wheel(git.directory, changes)
    for path, entry in changes.files.items():
        if entry is None:
            _remove(git.directory, path)
    written = [path for path, entry in changes.files.items() if entry is not None]
    git.run("checkout-index", "--force", "-z", "--stdin", stdin=encode(written))
    for path, conflict in changes.conflicts.items():
        _write_conflict(git.directory / path, conflict)
    git.call("update-index", "-q", "--refresh")


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
    listed = "".join(f"{name}\n" for name in sorted(names)).encode()
    pack = scratch.run("pack-objects", "--quiet", "--stdout", stdin=listed)
    git.run("unpack-objects", "-q", stdin=pack)


def _index_lines(changes: ChangeSet, prefix: str) -> bytes:
    names = [entry[1] for entry in changes.files.values() if entry is not None]
    names += [name for conflict in changes.conflicts.values() for _, name, _ in conflict.stages]
    no_object = "0" * max(map(len, names), default=40)  # 64 in a repository of SHA-256
    removed = [path for path, entry in changes.files.items() if entry is None]
    lines = [f"0 {no_object}\t{prefix}{path}" for path in (*removed, *changes.conflicts)]
    for path, entry in changes.files.items():
        if entry is not None:
            lines.append(f"{entry[0]} {entry[1]} 0\t{prefix}{path}")
    for path, conflict in changes.conflicts.items():
        stages = conflict.stages
        lines += [f"{mode} {name} {stage}\t{prefix}{path}" for mode, name, stage in stages]
    return encode(lines)


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
    if path.is_symlink():
        path.unlink()  # not the file that it names
    path.write_bytes(conflict.content)
    modes = {mode for mode, _, _ in conflict.stages}
    if modes == {"100755"}:
        path.chmod(0o755)
