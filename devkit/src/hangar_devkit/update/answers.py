"""Migrate the answers given to an old version to a new one, by the template's `migrations/`."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.releases import Version, parse

Answers = dict[str, Any]
_TABLES = {"renamed", "values", "added", "removed"}


@dataclass(frozen=True)
class Step:
    """What one version changed in the answers: `migrations/vX.Y.Z/answers.toml`.

    Attributes:
        renamed: Old name of an answer, and the new one.
        values: By (new) name: old value, and the new one.
        added: Name of a new answer, and what a project that was never asked gets.
        removed: Name of an answer that is no longer asked, and why.
    """

    version: Version
    renamed: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    added: Answers = field(default_factory=dict)
    removed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Migrated:
    """Answers for the new version, how they changed, and which of them nobody gave."""

    answers: Answers
    notes: list[str]
    new: list[str]


def read_steps(migrations: Path, after: Version | None, upto: Version) -> list[Step]:
    """Read the steps of the versions after one, up to another, oldest first.

    Raises:
        UpdateError: If a file has not the form that `Step` describes.
    """
    return [_read(path, version) for version, path in folders(migrations, after, upto)]


def folders(migrations: Path, after: Version | None, upto: Version) -> list[tuple[Version, Path]]:
    """List the migrations' folders of the versions after one, up to another, oldest first."""
    named = ((parse(path.name), path) for path in migrations.glob("v*") if path.is_dir())
    low = after or (-1, 0, 0)
    return sorted((version, path) for version, path in named if version and low < version <= upto)


def _read(folder: Path, version: Version) -> Step:
    path = folder / "answers.toml"
    if not path.exists():
        return Step(version)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise UpdateError(f"migrations/{folder.name}/answers.toml is not TOML: {error}") from None
    unknown = sorted(set(tables) - _TABLES)
    if unknown:
        raise UpdateError(
            f"migrations/{folder.name}/answers.toml has unknown tables: {', '.join(unknown)}"
        )
    return Step(version, **tables)


def read_questions(template: Path) -> Answers:
    """Read the questions of `cookiecutter.json`: name, and default or list of choices."""
    asked = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    return {name: default for name, default in asked.items() if not name.startswith("_")}


def migrate(answers: Answers, questions: Answers, steps: list[Step], given: Answers) -> Migrated:
    """Migrate answers to the new version.

    Args:
        answers: What was answered to the old version.
        questions: What the new version asks.
        steps: What the versions between changed, oldest first.
        given: Answers that the user gives now; they win.

    Raises:
        UpdateError: If an answer does not fit the new version and no step names its replacement.
    """
    result, notes = dict(answers), []
    for step in steps:
        notes += _apply(step, result)
    unknown = sorted(set(given) - set(questions))
    if unknown:
        known = ", ".join(questions)
        raise UpdateError(f"The template does not ask for {', '.join(unknown)}. It asks: {known}.")
    result.update(given)
    notes += [f"{name} = {value}, as given" for name, value in given.items()]
    for name in sorted(set(result) - set(questions)):
        notes.append(f"{name} = {result.pop(name)} is no longer asked")
    for name, value in result.items():
        _check_choice(name, value, questions[name])
    unasked = set(answers) | set(given) | {new for step in steps for new in step.renamed.values()}
    return Migrated(result, notes, [name for name in questions if name not in unasked])


def _apply(step: Step, answers: Answers) -> list[str]:
    notes = []
    for old, new in step.renamed.items():
        if old in answers:
            answers[new] = answers.pop(old)
            notes.append(f"{old} is now called {new}")
    for name, values in step.values.items():
        if str(answers.get(name)) in values:
            old_value, answers[name] = answers[name], values[str(answers[name])]
            notes.append(f"{name} = {old_value} is now {answers[name]}")
    for name, value in step.added.items():
        answers.setdefault(name, value)
    for name, why in step.removed.items():
        if answers.pop(name, None) is not None:
            notes.append(f"{name} is no longer asked: {why}")
    return notes


def _check_choice(name: str, value: object, question: object) -> None:
    if isinstance(question, list) and value not in question:
        choices = ", ".join(map(str, question))
        raise UpdateError(
            f"{name} = {value} is no longer offered, and the template names no replacement.\n"
            f"Choose one: --answer {name}=VALUE, with VALUE one of {choices}."
        )
