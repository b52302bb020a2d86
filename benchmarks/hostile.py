"""Hostile answers: refused, kept unchanged, or something broken.

Each text of `tests/answers/corpus.py` is given as description and as author, and each impossible
name as the project's. The right result is a refusal that leaves nothing behind, or files that all
parse and hold the text unchanged. A text with a Jinja tag may stop Cookiecutter before any hook of
a template runs; such crashes count too. A peer is any Cookiecutter template that asks for such
answers.
"""

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.framework import progress
from benchmarks.framework.figures import OURS, ROOT, Figure, Options
from benchmarks.framework.machine import cores
from benchmarks.framework.projects import EXPERIMENTS
from tests.answers.corpus import KEPT, NAMES, REFUSED, TAGGED
from tests.support.formats import syntax_errors

TAKES_PEERS = True
# Hooks run as files named tmp*.py; errors of Cookiecutter itself end in the experiment.
TRACEBACK = re.compile(r'File ".*(\btmp\w+\.py|render_answers\.py)", line')
RENDER = EXPERIMENTS / "render_answers.py"
TEXTS = [*KEPT.values(), *TAGGED.values(), *(text for text, _ in REFUSED.values())]

ORDER = [
    "files that do not parse, projects with any",
    "tracebacks of hooks, and crashes",
    "files written outside the project",
    "texts changed without a message",
    "impossible names accepted",
    "texts tried",
    "texts refused",
    "texts kept unchanged",
    "names tried",
    "refusals with a traceback logged by Cookiecutter",
]
WRONG = ORDER[:5]  # target: none


@dataclass(frozen=True)
class Outcome:
    """The outcome of one answer.

    Attributes:
        generated: Whether a project was generated.
        traceback: Whether a hook, or Cookiecutter, crashed.
        logged: Whether Cookiecutter logged a traceback, as it does when a hook refuses.
        litter: Whether files were written outside the project.
        broken: Whether a file does not parse.
        kept: Whether the text is unchanged.
    """

    generated: bool
    traceback: bool
    logged: bool
    litter: bool
    broken: bool = False
    kept: bool = False


def figures(options: Options) -> list[Figure]:
    """Try every answer on this template and on the peers."""
    result: list[Figure] = []
    for of, template in {OURS: ROOT, **options.peers}.items():
        result += count(of, template)
    return sorted(result, key=lambda figure: ORDER.index(figure.name))


def count(of: str, template: Path) -> list[Figure]:
    """Count the outcomes of every answer."""
    questions = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    trials = [(text_answers(questions, text), text) for text in TEXTS]
    trials += [(name_answer(questions, name), "") for name in NAMES]
    every: list[Outcome] = []
    with ThreadPoolExecutor(cores()) as pool:
        for outcome in pool.map(lambda trial: attempt(template, *trial), trials):
            every.append(outcome)
            progress.step(f"answer {len(every)} of {len(trials)}: {of}")
    texts, names = every[: len(TEXTS)], every[len(TEXTS) :]
    made = [text for text in texts if text.generated]
    counts = (
        sum(each.broken for each in every),
        sum(each.traceback for each in every),
        sum(each.litter for each in every),
        sum(not text.kept and not text.broken for text in made),
        sum(name.generated for name in names),
        len(texts),
        len(texts) - len(made),
        sum(text.kept for text in made),
        len(names),
        sum(each.logged for each in every),
    )
    return [
        Figure(name, count, of=of, target=0 if of == OURS and name in WRONG else None)
        for name, count in zip(ORDER, counts, strict=True)
    ]


def text_answers(questions: Mapping[str, Any], text: str) -> dict[str, str]:
    """Answer the questions for a description and for a person, by any of their usual names."""
    endings = ("description", "author_name", "full_name", "author")
    names = [name for name in questions if not name.startswith("_")]
    matching = [name for ending in endings for name in names if name.endswith(ending)]
    return dict.fromkeys(matching, text)


def name_answer(questions: Mapping[str, Any], name: str) -> dict[str, str]:
    """Answer the question for the project's name."""
    return {"project_slug" if "project_slug" in questions else "project_name": name}


def attempt(template: Path, answers: Mapping[str, str], text: str = "") -> Outcome:
    """Render once, deep in a tree with sibling directories, and inspect the tree afterwards."""
    with tempfile.TemporaryDirectory() as directory:
        tree = Path(directory)
        out = tree / "deep" / "er" / "out"
        out.mkdir(parents=True)
        for parent in (tree, tree / "deep", tree / "deep" / "er"):
            (parent / "evil").mkdir()
            (parent / "evil" / "kept").touch()
        before = set(tree.rglob("*"))
        # A template that accepts an absolute path would write there: give it one in this tree.
        given = {key: f"{tree}{a}" if a.startswith("/") else a for key, a in answers.items()}
        job = {"template": str(template), "output": str(out), "answers": given}
        done = subprocess.run(
            [sys.executable, RENDER],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        after = set(tree.rglob("*"))
        inside = {path for path in after if path.is_relative_to(out) and path != out}
        traceback = bool(
            re.search(r'File ".*(\btmp\w+\.py|render_answers\.py)", line', done.stderr)
        )
        logged = "Traceback (most recent call last)" in done.stderr and not traceback
        if done.returncode:
            litter = after != before
            return Outcome(generated=False, traceback=traceback, logged=logged, litter=litter)
        litter = (after - inside) != before
        if not inside:
            return Outcome(generated=True, traceback=traceback, logged=logged, litter=litter)
        project = next(out.iterdir())
        return Outcome(
            generated=True,
            traceback=traceback,
            logged=logged,
            litter=litter,
            broken=broken(project),
            kept=list(strings(manifest(project))).count(text) > 1,
        )


def broken(project: Path) -> bool:
    """Return whether a file does not parse."""
    try:
        return bool(syntax_errors(project))
    except UnicodeDecodeError:
        return True


def manifest(project: Path) -> object:
    """Read a project's manifest; an unreadable one counts as empty."""
    try:
        return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def strings(node: object) -> Iterator[str]:
    """List the strings in a document."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node
