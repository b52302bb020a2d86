"""Parse every type of file in a project, and list syntax errors."""

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
    """Return a parser that runs a program on standard input."""

    def parse(text: str) -> None:
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ValueError(done.stdout + done.stderr)

    return parse


class Loader(yaml.SafeLoader):
    """Safe loader that also accepts the names of Python functions in `mkdocs.yml`."""


Loader.add_multi_constructor(
    "tag:yaml.org,2002:python/name:", lambda _loader, suffix, _node: suffix
)


def loads_yaml(text: str) -> object:
    """Load every document of a YAML file."""
    return list(yaml.load_all(text, Loader=Loader))


def compiles(text: str) -> None:
    """Compile Python code with the running version, the oldest supported one in CI."""
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
    # Parse only; the commit hooks check the style.
    "dockerfile": command(str(BIN / "hadolint"), "--failure-threshold=error", "-"),
}
SUFFIXES = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml", ".py": "python", ".sh": "shell"}


def file_type(name: str, content: bytes) -> str | None:
    """Return the type of a file, or None for prose and data."""
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
def syntax_error(type_: str, text: str) -> str | None:
    """Return the error of a parser, or None; equal texts are parsed once."""
    try:
        PARSERS[type_](text)
    except Exception as error:  # noqa: BLE001 (each parser has its own errors)
        return f"{type(error).__name__}: {error}"
    return None


def syntax_errors(root: Path, *types: str) -> list[str]:
    """Return the syntax errors in the files of a project, of some types or of all."""
    return [
        f"{name}: {error}"
        for name, content in contents(root).items()
        if (type_ := file_type(name, content))
        and (not types or type_ in types)
        and (error := syntax_error(type_, content.decode()))
    ]
