"""Check that the project's work tree is ready for an update, and name the way back from one."""

import json
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, encode, user_git
from hangar_devkit.update.state import STATE_FILE

# Unlike `--hard` it refuses, where the user has edited a file since, and keeps all other files.
WAY_BACK = "git reset --merge"
_UNMERGED = frozenset({"DD", "AU", "UD", "UA", "DU", "AA", "UU"})
_IN_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


def open_project(root: Path) -> Git:
    """Return git for a project, which may be a subdirectory of a repository.

    Raises:
        UpdateError: If the project is in no repository, or has no commit yet.
    """
    git = user_git(root)
    if not git.is_in_repository:
        raise UpdateError(
            f"{root} is not a git repository, so an update could not be undone.\n"
            "Run `git init`, commit, then run again."
        )
    if not git.succeeds("rev-parse", "--verify", "--quiet", f"HEAD:{git.prefix}"):
        raise UpdateError(f"{root} has no commit yet. Commit, then run again.")
    return git


class Journal(NamedTuple):
    """A note in git's own directory while files are being written: what, and which paths."""

    directory: Path  # git's own
    repository: str  # the top of the work tree

    @property
    def _name(self) -> Path:
        return self.directory / "hangar-update"

    @property
    def _paths(self) -> Path:
        return self.directory / "hangar-update-paths"

    def open(self, name: str, paths: list[str]) -> None:
        """Write the note.

        Args:
            name: The release.
            paths: What is written, from the top of the repository.
        """
        self._paths.write_bytes(encode(paths))
        self._name.write_text(name + "\n", encoding="utf-8")

    def close(self) -> None:
        """Delete the note."""
        self._name.unlink(missing_ok=True)
        self._paths.unlink(missing_ok=True)

    def name(self) -> str | None:
        """Return the release that was being written; None if none was."""
        if not self._name.exists():
            return None
        return self._name.read_text(encoding="utf-8").strip()

    @property
    def has_paths(self) -> bool:
        """Whether it has the paths, so that they can be restored alone."""
        return self._paths.exists()

    def way_back(self) -> str:
        """Return the command that restores the files of the note, and no others."""
        lock = self.directory / "index.lock"
        commands = [f"rm {quote(lock.as_posix())}"] if lock.exists() else []
        commands.append(
            f"git -C {quote(self.repository)} --literal-pathspecs restore --source=HEAD --staged"
            f" --worktree --pathspec-file-nul --pathspec-from-file={quote(self._paths.as_posix())}"
            if self.has_paths
            else "git reset --hard HEAD"  # an updater from before v0.2.0 wrote no paths
        )
        return " && ".join(commands)


def journal_of(git: Git) -> Journal:
    """Return the journal of a repository's work tree."""
    return Journal(git.own_directory, git.top)


def refuse_unfinished(git: Git) -> None:
    """Refuse a tree that an earlier, killed update left half-written.

    Raises:
        UpdateError: With the command that brings the tree back.
    """
    journal = journal_of(git)
    name = journal.name()
    if name is None:
        return
    locked = (journal.directory / "index.lock").exists()
    staged = not git.succeeds("diff-index", "--cached", "--quiet", "HEAD")
    # An updater from before v0.2.0 noted no paths: then any change may be its own.
    if not (locked or staged or (not journal.has_paths and changes(git))):
        journal.close()  # killed before the first write, or taken back since
        return
    raise UpdateError(
        f"An update to {name} was killed while it wrote.\n"
        f"Its files were clean before it. Bring them back: {journal.way_back()}"
    )


def refuse_dirty(git: Git) -> None:
    """Refuse a tree with changes that are not committed: they would mix with those of the update.

    Raises:
        UpdateError: With the first of the changes.
    """
    directory = git.own_directory
    changed = changes(git)
    unmerged = [line[3:] for line in changed if line[:2] in _UNMERGED]
    if any(line[0] not in " ?" and line[3:] == git.prefix + STATE_FILE for line in changed):
        raise UpdateError(_unfinished_update(git, unmerged))
    busy = [name for name in _IN_PROGRESS if (directory / name).exists()]
    if busy:
        raise UpdateError(
            f"git is in the middle of something ({busy[0]}). Finish or abort it, then run again."
        )
    if (directory / "index.lock").exists():
        raise UpdateError(
            f"Another git process is running, or was killed: {directory / 'index.lock'} exists.\n"
            "If no git is running, remove that file, then run again."
        )
    if changed:
        raise UpdateError(
            f"The tree has changes that are not committed:{_listed(changed)}\n"
            "Commit or stash them (git stash -u), then run again."
        )
    if git.prefix and not git.succeeds("diff-index", "--cached", "--quiet", "HEAD"):
        raise UpdateError(
            "The repository has staged changes outside this project, which a way back would"
            " drop. Commit them, or unstage them (git restore --staged), then run again."
        )


def _unfinished_update(git: Git, unmerged: list[str]) -> str:
    """Return the message on an update that is staged, and not committed yet."""
    try:
        tag = json.loads((git.directory / STATE_FILE).read_text(encoding="utf-8"))["checkout"]
    except (OSError, ValueError, KeyError, TypeError):
        tag = "a release"
    if unmerged:
        return (
            f"The update to {tag} has conflicts:{_listed(unmerged)}\n"
            f"Resolve these, `git add` them and commit; or go back: {way_back(git)}"
        )
    return f"The update to {tag} is not committed. Commit it; or go back: {way_back(git)}"


def way_back(git: Git) -> str:
    """Return the command that undoes an update which is not committed."""
    sparse = git.call("config", "--type=bool", "core.sparseCheckout").stdout.strip() == b"true"
    # A conflict in a file outside the checkout brought the file into the tree.
    return f"{WAY_BACK} && git sparse-checkout reapply" if sparse else WAY_BACK


def _listed(lines: list[str]) -> str:
    more = f"\n  and {len(lines) - 5} more" if len(lines) > 5 else ""
    return "".join(f"\n  {line}" for line in lines[:5]) + more


def changes(git: Git) -> list[str]:
    """List what differs from the last commit in the project, untracked files included."""
    arguments = ("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal", "--")
    return git.paths(*arguments, ".")


def changes_in(git: Git) -> set[str]:
    """Return the paths in the project that differ from the last commit."""
    return {line[3:].removeprefix(git.prefix) for line in changes(git)}


def untracked(git: Git) -> list[str]:
    """List the files in the project that are neither tracked nor ignored; a directory as one."""
    # Without the last option also a directory in which everything is ignored, such as `.nox`.
    options = ("--others", "--exclude-standard", "--directory", "--no-empty-directory")
    return git.paths("ls-files", *options, "-z")
