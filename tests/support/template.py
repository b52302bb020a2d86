"""Questions and files of the template, read from the template itself."""

import itertools
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scripts import wheel

ROOT = Path(__file__).parents[2]
(SOURCE,) = ROOT.glob("{{*cookiecutter.__project*}}")

Answers = Mapping[str, Any]

_asked = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
PROMPTS: dict[str, Any] = _asked["__prompts__"]
QUESTIONS: dict[str, Any] = {name: v for name, v in _asked.items() if not name.startswith("_")}
# Questions with free text, and questions with a choice of values.
TEXTS = [name for name, default in QUESTIONS.items() if isinstance(default, str)]
OPTIONS: dict[str, list[Any]] = {
    name: default if isinstance(default, list) else [default, not default]
    for name, default in QUESTIONS.items()
    if name not in TEXTS
}
VALUES = [(name, value) for name, values in OPTIONS.items() for value in values]

# Patterns of the files that the engine copies without rendering.
COPIED: list[str] = _asked["_copy_without_render"]

_env = _asked.get("_jinja2_env_vars", {})
# Start of each tag of the template.
TAGS = (
    _env.get("variable_start_string", "{{"),
    _env.get("block_start_string", "{%"),
    _env.get("comment_start_string", "{#"),
)


PACKAGE = next((SOURCE / "src").iterdir()).name


def source(name: str) -> Path:
    """Return the template file of a file in the default project."""
    return SOURCE / name.replace("my_project/", f"{PACKAGE}/", 1)


def combinations() -> Iterator[dict[str, Any]]:
    """Yield every combination of the options that is not refused."""
    for values in itertools.product(*OPTIONS.values()):
        answers = dict(zip(OPTIONS, values, strict=True))
        if answers["ci"] != "none" or answers["publish"] == "none":
            yield answers


def label(answers: Answers) -> str:
    """Return a test ID for a combination."""
    return "-".join(str(value) for value in answers.values())


def known(answers: Answers) -> Answers:
    """Return the answers if the template has a question for each.

    Raises:
        KeyError: A question does not exist, which the engines would ignore.
        ValueError: A value is not valid for its question.
    """
    for name, value in answers.items():
        if name not in QUESTIONS and not name.startswith("__"):
            raise KeyError(name)
        if name in OPTIONS and value not in OPTIONS[name]:
            raise ValueError(f"{name} has no value {value!r}")
    return answers


def snapshot(target: Path) -> Path:
    """Commit the files of the working tree to a new repository, because cruft clones only commits.

    The wheel in it is built from the working tree; the one in git is rebuilt before a release.
    """
    listed = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    for name in sorted(set(listed.split("\0")) - {""}):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name, follow_symlinks=False)
    wheel.install(target)
    git(target, "init", "--quiet", "--initial-branch=main")
    git(target, "add", "--all")
    git(target, "commit", "--quiet", "--no-verify", "--message=The template as it is")
    return target


def git(where: Path, *args: str) -> str:
    """Run git and return its output."""
    return subprocess.run(
        ["git", *args], cwd=where, check=True, capture_output=True, text=True
    ).stdout
