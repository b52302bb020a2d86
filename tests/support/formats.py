"""Parse each kind of file that a project holds; an empty list of complaints means well-formed."""

import json
import subprocess
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath

import json5
import yaml

from tests.support.render import BIN, contents

Parser = Callable[[str], object]


def command(*words: str) -> Parser:
    """Make a parser of a program that reads standard input and fails on bad text."""

    def parse(text: str) -> None:
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(done.stdout + done.stderr)

    return parse


class Loader(yaml.SafeLoader):
    """Load what is safe, and the names of Python functions that MkDocs looks up."""


Loader.add_multi_constructor(
    "tag:yaml.org,2002:python/name:", lambda _loader, suffix, _node: suffix
)


def loads_yaml(text: str) -> object:
    """Load every document of a YAML file."""
    return list(yaml.load_all(text, Loader=Loader))


def compiles(text: str) -> None:
    """Compile Python as the oldest supported version, on which the suite also runs."""
    compile(text, "file", "exec", dont_inherit=True)


# Editors and the dev container read JSON with comments.
RELAXED = (".devcontainer/", ".vscode/", "renovate.json5")
PARSERS: dict[str, Parser] = {
    "toml": tomllib.loads,
    "yaml": loads_yaml,
    "json": json.loads,
    "json5": json5.loads,
    "python": compiles,
    "shell": command("sh", "-n"),
    # Parse only: what it says about style is the hooks' business.
    "dockerfile": command(str(BIN / "hadolint"), "--failure-threshold=error", "-"),
}
SUFFIXES = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".py": "python", ".sh": "shell"}


def kind(name: str, content: bytes) -> str | None:
    """Say of what kind a file is, or None for prose and data."""
    path = PurePosixPath(name)
    if path.suffix in {".json", ".json5"}:
        return "json5" if name.startswith(RELAXED) else "json"
    if path.name.startswith("Dockerfile"):
        return "dockerfile"
    if path.suffix in SUFFIXES:
        return SUFFIXES[path.suffix]
    if content.startswith(b"#!"):
        return "python" if b"python" in content.split(b"\n", 1)[0] else "shell"
    return None


@cache
def complaint(kind_: str, text: str) -> str | None:
    """Say what a parser has against a text; equal texts are parsed once."""
    try:
        PARSERS[kind_](text)
    except Exception as error:  # noqa: BLE001 (each parser has its own)
        return f"{type(error).__name__}: {error}"
    return None


def complaints(root: Path, *kinds: str) -> list[str]:
    """List what the parsers have against the files of a project, of some kinds or of all."""
    return [
        f"{name}: {wrong}"
        for name, content in contents(root).items()
        if (of := kind(name, content))
        and (not kinds or of in kinds)
        and (wrong := complaint(of, content.decode()))
    ]
