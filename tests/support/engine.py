"""Do what an engine does with answers, without writing a project: thousands of them in seconds."""

import json
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from cookiecutter.utils import create_env_with_context
from jinja2 import Environment, FileSystemLoader, Template

from tests.support.template import ROOT, SOURCE, Answers, known

ASKED: dict[str, Any] = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))


def complete(answers: Answers) -> dict[str, Any]:
    """Return all answers, the defaults filled in, as `prompt_for_config` of Cookiecutter does."""
    given = {**ASKED, **known(answers)}
    resolved: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list) and not name.startswith("_"):
            resolved[name] = value[0]
        elif isinstance(value, str) and (name.startswith("__") or not name.startswith("_")):
            resolved[name] = _template(value).render(cookiecutter=resolved)
        elif name != "__prompts__":
            resolved[name] = value
    return resolved | {"_template": "https://example.com/template", "_output_dir": "/out"}


def refusals(answers: Answers) -> dict[str, str]:
    """Return what the hook finds in some answers: name of the answer -> the line about it."""
    hook = load_hook()
    names = hook.problems.__globals__
    names["ANSWERS"], names["GIVEN"] = complete(answers), {**ASKED, **known(answers)}
    found: dict[str, str] = hook.problems()
    return found


@cache
def load_hook() -> SimpleNamespace:
    """Return the names of the hook, rendered with the defaults; it has checked nothing yet."""
    text = (ROOT / "hooks" / "pre_gen_project.py").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "hook"}
    exec(_template(text).render(cookiecutter=complete({})), names)  # noqa: S102 - as engines do
    return SimpleNamespace(**names)


def render_file(name: str, answers: Answers) -> str:
    """Render one file of the template."""
    text = (SOURCE / name).read_text(encoding="utf-8")
    return _template(text).render(cookiecutter=complete(answers))


@cache
def _template(text: str) -> Template:
    return _environment().from_string(text)


@cache
def _environment() -> Environment:
    environment: Environment = create_env_with_context({"cookiecutter": ASKED})
    environment.loader = FileSystemLoader([ROOT, Path(ROOT, "templates")])
    return environment
