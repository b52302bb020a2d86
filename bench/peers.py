"""Other templates, measured beside this one."""

import re
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from bench.commands import CommandFailed, run

ADDRESSES = {"gh:": "https://github.com/", "gl:": "https://gitlab.com/"}  # as Cookiecutter has them
INDEX = "pypi:"
NAMED = re.compile(r"([\w./:-]+)=(?!=)(.+)")


@dataclass(frozen=True)
class Peer:
    """A Cookiecutter template that was given on the command line as `[NAME=]SOURCE`.

    Attributes:
        name: What it is called in the figures.
        source: A path, a URL, `gh:OWNER/NAME`, or `pypi:NAME==VERSION`.
        public: The source that others can use, too; nothing if none is known.
    """

    name: str
    source: str
    public: str = ""

    @classmethod
    def read(cls, given: str) -> "Peer":
        """Take a peer from the command line; without a name it has the end of its address.

        A name that is an address says where others find what is here a path.
        """
        named = None if "://" in given.partition("=")[0] else NAMED.fullmatch(given)
        name, source = (named[1], named[2]) if named else ("", given)
        public = next((text for text in (source, name) if _is_public(text)), "")
        called = name if name and not _is_public(name) else _short(name or source)
        return cls(called, source, public)

    @property
    def words(self) -> str:
        """How to give it again; a path on this machine says nothing on another."""
        if not self.public:
            return f"{self.name}=PATH-OR-URL"
        return self.public if _short(self.public) == self.name else f"{self.name}={self.public}"

    def local(self, place: Path) -> Path:
        """Return a directory with the template, so that no network is measured.

        Raises:
            CommandFailed: The source gave no Cookiecutter template.
        """
        try:
            found = self._fetched(place / self.name.replace("/", "-"))
        except CommandFailed as error:
            raise CommandFailed(f"{self.source}: {str(error).splitlines()[-1]}") from error
        if not (found / "cookiecutter.json").is_file():
            raise CommandFailed(f"{self.source}: no Cookiecutter template: no cookiecutter.json")
        return found

    def _fetched(self, target: Path) -> Path:
        if self.source.startswith(INDEX):
            return _unpacked(self.source.removeprefix(INDEX), target)
        if Path(self.source).is_dir():
            return Path(self.source).resolve()
        return _cloned(self.source, target)


def version(template: Path) -> str:
    """Say which state of a template this is: its commit, or the name of its directory."""
    command = ["git", "-C", str(template), "rev-parse", "--short=10", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else template.name


def _is_public(text: str) -> bool:
    if text.startswith("file:"):
        return False
    return "://" in text or text.startswith((*ADDRESSES, INDEX))


def _short(source: str) -> str:
    for prefix in (*ADDRESSES, INDEX):
        if source.startswith(prefix):
            return source.removeprefix(prefix)
    pieces = [piece for piece in re.split(r"[/:]", source) if piece]
    return "/".join(pieces[-2:] if "://" in source else pieces[-1:])


def _cloned(source: str, target: Path) -> Path:
    for prefix, address in ADDRESSES.items():
        if source.startswith(prefix):
            source = address + source.removeprefix(prefix)
    run("git", "clone", "--quiet", "--depth=1", source, target)
    return target


def _unpacked(requirement: str, target: Path) -> Path:
    """Download a source distribution from the package index, and unpack it."""
    # It is rendered, not installed: which Python the package wants is of no matter.
    words = ("--quiet", "--no-deps", "--no-binary=:all:", "--ignore-requires-python")
    run(sys.executable, "-m", "pip", "download", *words, f"--dest={target}", requirement)
    (archive,) = target.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(target, filter="data")
    return next(path for path in target.iterdir() if path.is_dir())
