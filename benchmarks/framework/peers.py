"""Other templates to compare with."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.framework.commands import CommandFailed, extract, run

ADDRESSES = {
    "gh:": "https://github.com/",
    "gl:": "https://gitlab.com/",
}  # Cookiecutter's abbreviations
INDEX = "pypi:"
NAMED = re.compile(r"([\w./:-]+)=(?!=)(.+)")


@dataclass(frozen=True)
class Peer:
    """A Cookiecutter template, given on the command line as `[NAME=]SOURCE`.

    Attributes:
        name: Its name in the figures.
        source: A path, a URL, `gh:OWNER/NAME`, or `pypi:NAME==VERSION`.
        public: A source that others can use too; empty if none is known.
    """

    name: str
    source: str
    public: str = ""

    @classmethod
    def parse(cls, argument: str) -> "Peer":
        """Parse an argument; the name defaults to the end of the address.

        In `ADDRESS=PATH` the address says where others find the template at the path.
        """
        named = None if "://" in argument.partition("=")[0] else NAMED.fullmatch(argument)
        name, source = (named[1], named[2]) if named else ("", argument)
        public = next((text for text in (source, name) if _is_public(text)), "")
        label = name if name and not _is_public(name) else _short(name or source)
        return cls(label, source, public)

    @property
    def argument(self) -> str:
        """The argument that reproduces the peer, without paths of this machine."""
        if not self.public:
            return f"{self.name}=PATH-OR-URL"
        return self.public if _short(self.public) == self.name else f"{self.name}={self.public}"

    def fetch(self, directory: Path) -> Path:
        """Return a local directory with the template, so that no network is measured.

        Raises:
            CommandFailed: The source is not a Cookiecutter template.
        """
        try:
            template = self._fetch(directory / self.name.replace("/", "-"))
        except CommandFailed as error:
            raise CommandFailed(f"{self.source}: {str(error).splitlines()[-1]}") from error
        if not (template / "cookiecutter.json").is_file():
            raise CommandFailed(f"{self.source}: not a Cookiecutter template: no cookiecutter.json")
        return template

    def _fetch(self, target: Path) -> Path:
        if self.source.startswith(INDEX):
            return _download(self.source.removeprefix(INDEX), target)
        if Path(self.source).is_dir():
            return Path(self.source).resolve()
        return _clone(self.source, target)


def version(template: Path) -> str:
    """Return the commit of a template, or the name of its directory."""
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


def _clone(source: str, target: Path) -> Path:
    for prefix, address in ADDRESSES.items():
        if source.startswith(prefix):
            source = address + source.removeprefix(prefix)
    run("git", "clone", "--quiet", "--depth=1", source, target)
    return target


def _download(requirement: str, target: Path) -> Path:
    """Download a source distribution from the package index, and unpack it."""
    # It is rendered, not installed: the Python version that it requires does not matter.
    options = ("--quiet", "--no-deps", "--no-binary=:all:", "--ignore-requires-python")
    run(sys.executable, "-m", "pip", "download", *options, f"--dest={target}", requirement)
    (archive,) = target.glob("*.tar.gz")
    extract(archive, target)
    return next(path for path in target.iterdir() if path.is_dir())
