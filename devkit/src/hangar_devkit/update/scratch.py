"""The directory and the repository in which an update works, outside the project."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hangar_devkit.update.git import Entry, Git, Tree, encode, user_git

_PREFIX = "hangar-update-"
_ABANDONED = 86400  # seconds


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Make a directory that is deleted at the end; delete those that killed updates left."""
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - left.lstat().st_mtime > _ABANDONED:
                shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        yield Path(name).resolve()


def scratch_git(directory: Path, repository: Path) -> Git:
    """Return git on a new scratch repository, which no setting of the user's reaches.

    Args:
        directory: An empty directory, outside the project.
        repository: The work tree whose objects can be read from it.
    """
    empty = directory / "gitconfig"
    empty.touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    who = {"NAME": "template", "EMAIL": "template@example.com", "DATE": "2000-01-01T00:00:00Z"}
    environment = {
        **kept,
        **{f"GIT_{role}_{key}": who[key] for role in ("AUTHOR", "COMMITTER") for key in who},
        "GIT_CONFIG_GLOBAL": str(empty),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "HOME": str(directory),
        "XDG_CONFIG_HOME": str(directory),
        "LC_ALL": "C",
        "GIT_DIR": str(directory / "repository"),
        "GIT_WORK_TREE": str(directory / "work"),
    }
    (directory / "work").mkdir()
    user = user_git(repository)
    objects = Path(user.line("rev-parse", "--git-path", "objects"))
    hash_format = user.line("rev-parse", "--show-object-format")
    git = Git(directory / "work", environment)
    git.run("init", "--quiet", "--template=", f"--object-format={hash_format}")
    alternates = directory / "repository" / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_text(f"{(repository / objects).resolve()}\n", encoding="utf-8")
    return git


def write_blob(scratch: Git, content: str | bytes, mode: str = "100644") -> Entry:
    """Store a file's content; return its entry for a tree."""
    data = content if isinstance(content, bytes) else content.encode(errors="surrogateescape")
    return mode, scratch.run("hash-object", "-w", "--stdin", stdin=data).decode().strip()


def write_tree(scratch: Git, files: Tree) -> str:
    """Store a tree of files whose contents exist already; return its name."""
    index = scratch.directory.parent / "index"
    index.unlink(missing_ok=True)
    git = Git(scratch.directory, {**scratch.environment, "GIT_INDEX_FILE": str(index)})
    lines = [f"{mode} {name}\t{path}" for path, (mode, name) in files.items()]
    git.run("update-index", "-z", "--index-info", stdin=encode(lines))
    return git.line("write-tree")


def write_directory(scratch: Git, root: Path, paths: Iterable[str] | None = None) -> Tree:
    """Store a directory's files, ignored ones too; return their tree.

    Args:
        scratch: Git in the scratch repository.
        root: The directory.
        paths: The files to store; all when None.
    """
    index = scratch.directory.parent / "index"
    index.unlink(missing_ok=True)
    git = Git(
        root, {**scratch.environment, "GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": str(index)}
    )
    add = ("-c", "core.safecrlf=false", "--literal-pathspecs", "add", "--all", "--force")
    if paths is None:
        git.run(*add, ".")
    elif listed := encode(paths):
        git.run(*add, "--pathspec-from-file=-", "--pathspec-file-nul", stdin=listed)
    return scratch.tree(git.line("write-tree"))
