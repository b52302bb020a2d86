"""Run git: with the user's settings in their repository, with none in a scratch repository."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hangar_devkit.update.errors import UpdateError

Entry = tuple[str, str]  # mode, object name
Tree = dict[str, Entry]  # path -> entry

# Set while git runs a hook; they would point every command at the wrong repository.
_LOCAL = frozenset(
    {
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE"),
        *("GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY"),
        *("GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_WORK_TREE", "GIT_LITERAL_PATHSPECS"),
        *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
    }
)


@dataclass(frozen=True)
class Git:
    """One repository, or none, and the environment in which git runs on it."""

    directory: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str, stdin: bytes = b"", accept: Iterable[int] = (0,)) -> bytes:
        """Run a command and return what it printed.

        Args:
            arguments: What follows `git`.
            stdin: What the command reads.
            accept: The exit codes that are not an error.

        Raises:
            UpdateError: If git is missing or ends with another exit code.
        """
        done = self.call(*arguments, stdin=stdin)
        if done.returncode not in accept:
            reason = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
            raise UpdateError(f"git {arguments[0]} failed in {self.directory}: {reason}")
        return done.stdout

    def succeeds(self, *arguments: str) -> bool:
        """Return whether a command exits with 0."""
        return self.call(*arguments).returncode == 0

    def line(self, *arguments: str) -> str:
        """Run a command that prints one line."""
        return self.run(*arguments).decode().strip()

    def call(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command, whatever its exit code.

        Raises:
            UpdateError: If git is missing.
        """
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self.directory,
                env=dict(self.environment),
                input=stdin,
                capture_output=True,
                check=False,
            )
        except FileNotFoundError:
            raise UpdateError("git is not on PATH. Install it, then run again.") from None

    def tree(self, name: str) -> Tree:
        """List the files of a commit or tree."""
        listed = self.run("ls-tree", "-r", "-z", "--full-tree", name).decode()
        tree: Tree = {}
        for record in filter(None, listed.split("\0")):
            meta, path = record.split("\t", 1)
            mode, _, identifier = meta.split()
            tree[path] = (mode, identifier)
        return tree


def user_git(directory: Path) -> Git:
    """Return git as the user set it up, free of a hook's environment."""
    kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    return Git(directory, {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"})


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
    lines = "".join(f"{mode} {name}\t{path}\0" for path, (mode, name) in files.items())
    git.run("update-index", "-z", "--index-info", stdin=lines.encode())
    return git.line("write-tree")


def write_directory(scratch: Git, root: Path) -> Tree:
    """Store a directory's files, ignored ones too; return their tree."""
    index = scratch.directory.parent / "index"
    index.unlink(missing_ok=True)
    git = Git(
        root, {**scratch.environment, "GIT_WORK_TREE": str(root), "GIT_INDEX_FILE": str(index)}
    )
    git.run("-c", "core.safecrlf=false", "add", "--all", "--force", ".")
    return scratch.tree(git.line("write-tree"))
