"""Run git: with the user's settings in their repository, with none in a scratch repository."""

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path

from hangar_devkit.update.errors import UpdateError

Entry = tuple[str, str]  # mode, object name
Tree = dict[str, Entry]  # path -> entry

TIMEOUT = "HANGAR_UPDATE_TIMEOUT"  # seconds that the template's server has
READ_TOKEN = "TEMPLATE_READ_TOKEN"  # noqa: S105 - the name of a variable

# The server may want a user name that the address gives; any other works for a token.
_TOKEN_HELPER = (
    '!f() { [ "$1" = get ] || exit 0; grep -q "^username=" || echo username=oauth2;'
    f' echo "password=${READ_TOKEN}"; }}; f'
)

# Set while git runs a hook; they would point every command at the wrong repository.
_LOCAL = frozenset(
    {
        *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE"),
        *("GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY"),
        *("GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_WORK_TREE", "GIT_LITERAL_PATHSPECS"),
        *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
    }
)


class Git:
    """One repository, or none, and the environment in which git runs on it.

    Attributes:
        directory: Where git runs.
        environment: Its environment.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        self.environment = environment
        self._blobs: dict[str, bytes] = {}

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        accept: Iterable[int] = (0,),
        timeout: float | None = None,
    ) -> bytes:
        """Run a command and return what it printed.

        Args:
            arguments: What follows `git`.
            stdin: What the command reads.
            accept: The exit codes that are not an error.
            timeout: After how many seconds to stop it; never when None.

        Raises:
            UpdateError: If git is missing, is stopped or ends with another exit code.
        """
        done = self.call(*arguments, stdin=stdin, timeout=timeout)
        if done.returncode not in accept:
            reason = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
            raise UpdateError(f"git {arguments[0]} failed in {self.directory}: {reason}")
        return done.stdout

    def succeeds(self, *arguments: str) -> bool:
        """Return whether a command exits with 0."""
        return self.call(*arguments).returncode == 0

    def line(self, *arguments: str) -> str:
        """Run a command that prints one line."""
        return decode(self.run(*arguments)).removesuffix("\n")

    def paths(self, *arguments: str) -> list[str]:
        """Run a command that prints paths, or records, each with a NUL at its end."""
        return [path for path in decode(self.run(*arguments)).split("\0") if path]

    def call(
        self, *arguments: str, stdin: bytes = b"", timeout: float | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command, whatever its exit code.

        Raises:
            UpdateError: If git is missing, or did not end in time.
        """
        try:
            return subprocess.run(
                ["git", *arguments],
                cwd=self.directory,
                env=dict(self.environment),
                input=stdin,
                capture_output=True,
                check=False,
                timeout=timeout,
            )
        except FileNotFoundError:
            raise UpdateError("git is not on PATH. Install it, then run again.") from None
        except subprocess.TimeoutExpired:
            raise UpdateError(
                f"git {arguments[0]} did not end in {timeout:g} seconds and was stopped.\n"
                f"Check the network and the server; to wait longer, set {TIMEOUT} (seconds)."
            ) from None

    @cached_property
    def _place(self) -> list[str]:
        """The directory of git's own files, the top of the work tree, and the prefix."""
        options = ("--absolute-git-dir", "--show-toplevel", "--show-prefix")
        done = self.call("rev-parse", *options)
        if done.returncode:
            return []
        lines = decode(done.stdout).split("\n")[:-1]
        # A name may have a line end in it.
        return lines if len(lines) == len(options) else [self.line("rev-parse", o) for o in options]

    @property
    def is_in_repository(self) -> bool:
        """Whether the directory is in the work tree of a repository."""
        return bool(self._place)

    @property
    def own_directory(self) -> Path:
        """The directory of git's own files, which a linked work tree has for itself."""
        return Path(self._place[0])

    @property
    def top(self) -> str:
        """The top of the work tree."""
        return self._place[1]

    @property
    def prefix(self) -> str:
        """The directory within its repository, with a slash at the end; empty at the top."""
        return self._place[2]

    def blob(self, name: str) -> bytes:
        """Return a file's content; git is asked for it once."""
        if name not in self._blobs:
            self._blobs[name] = self.run("cat-file", "blob", name)
        return self._blobs[name]

    def tree(self, name: str) -> Tree:
        """List the files of a commit or tree."""
        tree: Tree = {}
        for record in self.paths("ls-tree", "-r", "-z", "--full-tree", name):
            meta, path = record.split("\t", 1)
            mode, _, identifier = meta.split()
            tree[path] = (mode, identifier)
        return tree


def user_git(directory: Path) -> Git:
    """Return git as the user set it up, free of a hook's environment."""
    kept = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    return Git(directory, {**kept, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"})


def template_git(git: Git, template: str) -> Git:
    """Return git for a command that asks the template's server.

    The token in `TEMPLATE_READ_TOKEN` is sent to this server alone, and never written to a file.
    """
    token_for = re.match(r"https?://[^/]+", template) if os.environ.get(READ_TOKEN) else None
    # A server that accepts the connection and stays silent must not hold a job for ever.
    settings = {"http.lowSpeedLimit": "1", "http.lowSpeedTime": f"{server_timeout():.0f}"}
    if token_for:
        settings[f"credential.{token_for[0]}.helper"] = _TOKEN_HELPER
    first = int(git.environment.get("GIT_CONFIG_COUNT", "0"))
    added = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings.items(), first):
        added |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return Git(git.directory, {**git.environment, **added})


def server_timeout() -> float:
    """Return how many seconds the template's server has to answer a question.

    Raises:
        UpdateError: If the user's setting is not a number.
    """
    text = os.environ.get(TIMEOUT, "60")
    try:
        return max(1.0, float(text))
    except ValueError:
        raise UpdateError(f"{TIMEOUT} is {text!r}; it must be a number of seconds.") from None


def decode(output: bytes) -> str:
    """Decode what git prints; a name that is not UTF-8 survives `encode`."""
    return output.decode(errors="surrogateescape")


def encode(records: Iterable[str]) -> bytes:
    """Encode paths, or records, each with a NUL at its end."""
    return "".join(f"{record}\0" for record in records).encode(errors="surrogateescape")
