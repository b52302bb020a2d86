"""The made pages of the template's own site."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from docs.made.project import in_project, rendering
from hangar_devkit.docs import contracts as contract_page
from hangar_devkit.docs import sessions as session_page

OPTIONS = """\
# Options

What is asked when a project is made. Text is kept exactly as it is typed; a name that some platform
or Python cannot carry is refused, all problems at once, before anything is written.

"""


def options(root: Path) -> str:
    """List the questions with their answers, as `cookiecutter.json` has them."""
    asked: dict[str, Any] = json.loads((root / "cookiecutter.json").read_text(encoding="utf-8"))
    prompts = asked["__prompts__"]
    rows = ["| Answer | Question | Values |", "| --- | --- | --- |"]
    for name, default in asked.items():
        if not name.startswith("_"):
            prompt = prompts[name]
            question = prompt["__prompt__"] if isinstance(prompt, dict) else prompt
            rows.append(f"| `{name}` | {question} | {_values(default, prompt)} |")
    return OPTIONS + "\n".join(rows) + "\n"


def _values(default: Any, prompt: Any) -> str:  # noqa: ANN401 - from JSON
    if isinstance(default, bool):
        return "yes, no; no by default" if not default else "yes, no; yes by default"
    if isinstance(default, list):
        words = prompt if isinstance(prompt, dict) else {}
        first, *rest = (words.get(value, f"`{value}`") for value in default)
        return "; ".join([f"{first} (by default)", *rest])
    return "any text" if "{" in default else f"any text; `{default}` by default"


def sessions(root: Path) -> str:
    """List the sessions of a project, then those of this repository."""
    project = session_page.page(rendering(root, value=True))
    own = session_page.page(root)
    return f"{project}\n---\n\n{own}".replace("\n# Sessions", "\n# The template's own sessions")


def contracts(root: Path) -> str:
    """Show the contracts page of a new project, as an example of one."""
    return contract_page.page(rendering(root, value=False))


def environment(name: str, root: Path, *, pipeline: bool = False) -> str:
    """Repeat a page on the environment of a project, with the pipeline or without."""
    return in_project(f"docs/environment/{name}", root, value=pipeline)


contract = partial(environment, "contract.md")
docs = partial(environment, "docs.md")
example = partial(environment, "example.md")
helpers = partial(environment, "helpers.md")
index = partial(environment, "index.md")
machine = partial(environment, "machine.md")
pipeline = partial(environment, "pipeline.md", pipeline=True)
proxy = partial(environment, "proxy.md")
scale = partial(environment, "scale.md", pipeline=True)
service = partial(environment, "service.md")
tests = partial(environment, "tests.md")
updates = partial(environment, "updates.md")
without_containers = partial(environment, "without-containers.md")
