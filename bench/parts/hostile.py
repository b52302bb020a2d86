"""Hostile answers: refused, kept unchanged, or something broken.

Each text of `tests/answers/corpus.py` is given as description and as author, and each impossible
name as the project's. Right is a refusal that leaves nothing behind, or files that all parse and
hold the text as it was given. A text with a tag in it may stop the engine before any hook of a
template runs; what breaks down there is counted, too. A peer is any Cookiecutter template that asks
for such answers.
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

from bench import progress
from bench.figures import OURS, ROOT, Figure, Options
from bench.machine import cores
from tests.answers.corpus import KEPT, NAMES, REFUSED, TAGGED
from tests.support.formats import syntax_errors

TAKES_PEERS = True
TRIAL = ROOT / "bench" / "hostile" / "trial.py"
TEXTS = [*KEPT.values(), *TAGGED.values(), *(text for text, _ in REFUSED.values())]

ORDER = [
    "files that do not parse, projects with any",
    "tracebacks of hooks, and crashes",
    "written where nothing should be",
    "texts changed without a word",
    "impossible names that were accepted",
    "texts tried",
    "texts refused",
    "texts kept unchanged",
    "names tried",
    "refusals that Cookiecutter logs with a traceback of its own",
]
WRONG = ORDER[:5]  # promised not to happen


@dataclass(frozen=True)
class Outcome:
    """What became of one answer.

    Attributes:
        made: Whether there is a project.
        traceback: Whether a hook, or the engine, broke down.
        logged: Whether Cookiecutter logged a traceback of its own, as it does when a hook refuses.
        litter: Whether something is where nothing should be.
        broken: Whether a file does not parse.
        kept: Whether the text came back as it was.
    """

    made: bool
    traceback: bool
    logged: bool
    litter: bool
    broken: bool = False
    kept: bool = False


def figures(options: Options) -> list[Figure]:
    """Try every answer on this template and on the peers."""
    found: list[Figure] = []
    for of, template in {OURS: ROOT, **options.peers}.items():
        found += counted(of, template)
    return sorted(found, key=lambda figure: ORDER.index(figure.name))


def counted(of: str, template: Path) -> list[Figure]:
    """Count what became of every answer."""
    asked = json.loads((template / "cookiecutter.json").read_text(encoding="utf-8"))
    trials = [(prose(asked, text), text) for text in TEXTS]
    trials += [(named(asked, name), "") for name in NAMES]
    every: list[Outcome] = []
    with ThreadPoolExecutor(cores()) as pool:
        for outcome in pool.map(lambda trial: attempt(template, *trial), trials):
            every.append(outcome)
            progress.step(f"answer {len(every)} of {len(trials)}: {of}")
    texts, names = every[: len(TEXTS)], every[len(TEXTS) :]
    made = [text for text in texts if text.made]
    counts = (
        sum(each.broken for each in every),
        sum(each.traceback for each in every),
        sum(each.litter for each in every),
        sum(not text.kept and not text.broken for text in made),
        sum(name.made for name in names),
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


def prose(asked: Mapping[str, Any], text: str) -> dict[str, str]:
    """Give a text for a description and for a person, whatever the template calls them."""
    words = ("description", "author_name", "full_name", "author")
    names = [name for name in asked if not name.startswith("_")]
    found = [name for word in words for name in names if name.endswith(word)]
    return dict.fromkeys(found, text)


def named(asked: Mapping[str, Any], name: str) -> dict[str, str]:
    """Give a name for the project."""
    return {"project_slug" if "project_slug" in asked else "project_name": name}


def attempt(template: Path, answers: Mapping[str, str], text: str = "") -> Outcome:
    """Render once, deep in a tree with neighbours, and look at what is there afterwards."""
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        out = place / "deep" / "er" / "out"
        out.mkdir(parents=True)
        for parent in (place, place / "deep", place / "deep" / "er"):
            (parent / "evil").mkdir()
            (parent / "evil" / "kept").touch()
        before = set(place.rglob("*"))
        # A template that takes an absolute name would write there: it gets one in this tree.
        given = {key: f"{place}{a}" if a.startswith("/") else a for key, a in answers.items()}
        job = {"template": str(template), "output": str(out), "answers": given}
        done = subprocess.run(
            [sys.executable, TRIAL],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        after = set(place.rglob("*"))
        inside = {path for path in after if path.is_relative_to(out) and path != out}
        # A hook runs as a file of this form, and the trial is where the engine's own errors end.
        traceback = bool(re.search(r'File ".*(\btmp\w+\.py|trial\.py)", line', done.stderr))
        logged = "Traceback (most recent call last)" in done.stderr and not traceback
        if done.returncode:
            return Outcome(made=False, traceback=traceback, logged=logged, litter=after != before)
        litter = (after - inside) != before
        if not inside:
            return Outcome(made=True, traceback=traceback, logged=logged, litter=litter)
        project = next(out.iterdir())
        return Outcome(
            made=True,
            traceback=traceback,
            logged=logged,
            litter=litter,
            broken=broken(project),
            kept=list(strings(manifest(project))).count(text) > 1,
        )


def broken(project: Path) -> bool:
    """Say whether a file does not parse."""
    try:
        return bool(syntax_errors(project))
    except UnicodeDecodeError:
        return True


def manifest(project: Path) -> object:
    """Read a project's manifest; one that cannot be read holds nothing."""
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
