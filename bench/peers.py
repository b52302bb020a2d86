"""Other templates, measured beside this one."""

import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.clock import CommandFailed


@dataclass(frozen=True)
class Peer:
    """A Cookiecutter template that was given on the command line as `[NAME=]PATH-OR-URL`."""

    name: str
    source: str

    @classmethod
    def read(cls, given: str) -> "Peer":
        """Take a peer from the command line; without a name it has the end of its address."""
        named = re.fullmatch(r"([\w./-]+)=(.+)", given)
        if named:
            return cls(named[1], named[2])
        pieces = [piece for piece in re.split(r"[/:]", given) if piece]
        return cls("/".join(pieces[-2:] if "://" in given else pieces[-1:]), given)

    @property
    def words(self) -> str:
        """How to give it again; a path on this machine says nothing on another."""
        public = "://" in self.source and not self.source.startswith("file:")
        return f"{self.name}={self.source}" if public else f"{self.name}=PATH-OR-URL"

    def local(self, place: Path) -> Path:
        """Return a directory with the template, so that no network is measured.

        Raises:
            CommandFailed: The address gave no repository.
        """
        if Path(self.source).is_dir():
            return Path(self.source).resolve()
        target = place / "peers" / self.name.replace("/", "-")
        command = ["git", "clone", "--quiet", "--depth=1", self.source, str(target)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise CommandFailed(f"{self.source}: {done.stderr.strip()}")
        return target


def local(given: Iterable[str], place: Path) -> dict[str, Path]:
    """Bring every peer to this machine: name -> directory."""
    return {peer.name: peer.local(place) for peer in map(Peer.read, given)}
