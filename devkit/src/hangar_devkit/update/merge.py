"""Merge what the template changed into what the user has, in the workshop: the tree is only read.

Three trees go in: the old rendering (base), the new one (theirs), the user's last commit (ours).
Each is cut down to the files that an update may touch; git merges them, following renames.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Entry, Git, Tree
from hangar_devkit.update.ownership import Manifest, parents

# Nothing may be guessed: a new file goes where the template puts it.
_MERGE = (
    *("-c", "merge.renames=true", "-c", "merge.directoryRenames=false", "-c", "gc.auto=0"),
    *("-c", "merge.renameLimit=0", "-c", "maintenance.auto=false", "-c", "rerere.enabled=false"),
)


@dataclass(frozen=True)
class Conflict:
    """A file that the user has to settle: its stages for the index, its text with markers."""

    stages: list[tuple[str, str, str]]  # mode, object name, stage
    content: bytes | None


@dataclass(frozen=True)
class Scope:
    """What an update may touch, and what it must tell.

    Attributes:
        base: The old rendering, without what the update leaves alone.
        theirs: The new rendering, likewise.
        created: New files in the user's own paths.
        kept: New files of the template where the user has one of their own.
        unreached: The template's changes to files or directories that the user removed.
        followed: Files that the user renamed, with the new name.
        edited: Files of the template that the user edited.
    """

    base: Tree
    theirs: Tree
    created: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    unreached: dict[str, str] = field(default_factory=dict)
    followed: dict[str, str] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)

    @property
    def touched(self) -> set[str]:
        """All paths that take part in the merge: what the template changed, by each name."""
        changed = set(difference(self.base, self.theirs))
        return changed | {new for old, new in self.followed.items() if old in changed}


@dataclass(frozen=True)
class Merged:
    """The outcome: files without a question, and conflicts."""

    files: Tree
    conflicts: dict[str, Conflict]


def write_tree(workshop: Git, root: Path) -> str:
    """Store a directory's files, ignored ones too, as a tree; return its name."""
    index = workshop.directory.parent / "index"
    index.unlink(missing_ok=True)
    git = Git(
        root, {**workshop.environment, "GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": str(index)}
    )
    git.run("-c", "core.safecrlf=false", "add", "--all", "--force", ".")
    return git.line("write-tree")


def store(workshop: Git, files: Tree) -> str:
    """Store a list of files, whose contents exist already, as a tree; return its name."""
    index = workshop.directory.parent / "index"
    index.unlink(missing_ok=True)
    git = Git(workshop.directory, {**workshop.environment, "GIT_INDEX_FILE": str(index)})
    lines = "".join(f"{mode} {name}\t{path}\0" for path, (mode, name) in files.items())
    git.run("update-index", "-z", "--index-info", stdin=lines.encode())
    return git.line("write-tree")


def scope(workshop: Git, trees: tuple[str, str, str], manifest: Manifest) -> Scope:
    """Decide which files the update may touch.

    Args:
        workshop: Git in the workshop.
        trees: Names of the base's, theirs and ours.
        manifest: Who owns what, after the update.
    """
    base, theirs, ours = (workshop.tree(name) for name in trees)
    owned = {path: entry for path, entry in base.items() if manifest.owner(path) != "you"}
    moved = _changes(workshop, store(workshop, owned), trees[2])
    followed = {old: new for status, old, new in moved if status == "R"}
    deleted = {old for status, old, _ in moved if status == "D"}
    edited = [
        new
        for status, old, new in moved
        if status in "MT" or (status == "R" and owned[old] != ours[new])
        if manifest.owner(old) == "template"
    ]
    found = Scope({}, {}, followed=followed, edited=edited)
    found.base.update((path, entry) for path, entry in owned.items() if path not in deleted)
    renamed = {
        new: old for status, old, new in _changes(workshop, trees[0], trees[1]) if status == "R"
    }
    gone = _gone_directories(base, ours)
    for path, entry in theirs.items():
        mine = manifest.owner(path) == "you"
        source = renamed.get(path, "")
        if path in deleted and entry != base[path]:
            found.unreached[path] = "you deleted it"
        elif path in deleted or (path in base and mine):
            continue
        elif path in base:
            found.theirs[path] = entry
        elif mine and path in ours:
            found.kept.append(path)
        elif source and (source in deleted or manifest.owner(source) == "you"):
            found.unreached[path] = f"{'you have' if source in ours else 'you deleted'} {source}"
        elif gone.intersection(parents(path)):
            found.unreached[path] = "you deleted its directory"
        else:
            found.theirs[path] = entry
            if mine:
                found.created.append(path)
    return found


def merge(workshop: Git, found: Scope, ours: Tree, label: str) -> Merged:
    """Merge in the workshop's own work tree.

    Args:
        workshop: Git in the workshop.
        found: What the update may touch.
        ours: All files of the user.
        label: What conflict markers call the template's side.

    Raises:
        UpdateError: If git cannot merge at all.
    """
    touched = found.touched
    trees = [
        store(workshop, {path: entry for path, entry in files.items() if path in touched})
        for files in (found.base, ours, found.theirs)
    ]
    base = workshop.line("commit-tree", trees[0], "-m", "the template, as it was")
    left, right = (
        workshop.line("commit-tree", tree, "-p", base, "-m", what)
        for tree, what in ((trees[1], "yours"), (trees[2], "the template, as it is"))
    )
    workshop.run("update-ref", "HEAD", left)
    workshop.run("tag", label, right)
    workshop.run("reset", "--quiet", "--hard", left)
    done = workshop.call(*_MERGE, "merge", "--quiet", "--no-commit", "--no-ff", label)
    if done.returncode not in {0, 1} or b"fatal" in done.stderr:
        raise UpdateError(f"git could not merge: {done.stderr.decode(errors='replace').strip()}")
    return _read_merged(workshop)


def _read_merged(workshop: Git) -> Merged:
    files: Tree = {}
    stages: dict[str, list[tuple[str, str, str]]] = {}
    for record in filter(None, workshop.run("ls-files", "-s", "-z").decode().split("\0")):
        meta, path = record.split("\t", 1)
        mode, name, stage = meta.split()
        if stage == "0":
            files[path] = (mode, name)
        else:
            stages.setdefault(path, []).append((mode, name, stage))
    conflicts = {}
    for path, found in stages.items():
        file = workshop.directory / path
        conflicts[path] = Conflict(found, file.read_bytes() if file.is_file() else None)
    return Merged(files, conflicts)


def _changes(workshop: Git, old: str, new: str) -> list[tuple[str, str, str]]:
    """Compare two trees: status letter, old path, new path."""
    arguments = ("diff-tree", "-r", "-z", "-M", "-l0", "--diff-filter=DMRT", "--name-status")
    fields = iter(workshop.run(*arguments, old, new).decode().split("\0"))
    found = []
    for status in filter(None, fields):
        path = next(fields)
        found.append((status[0], path, next(fields) if status[0] == "R" else path))
    return found


def _gone_directories(base: Iterable[str], ours: Iterable[str]) -> set[str]:
    """Return the directories of the old rendering in which the user has no file left."""
    return {above for path in base for above in parents(path)} - {
        above for path in ours for above in parents(path)
    }


def difference(before: Tree, after: Tree) -> dict[str, Entry | None]:
    """Return the files that differ, with their new entries; None for a file that goes."""
    return {
        path: after.get(path)
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    }
