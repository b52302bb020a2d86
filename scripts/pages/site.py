"""Generated pages of the template's own site."""

import json
from pathlib import Path
from typing import Any

from hangar_devkit.docs import contracts as contract_page
from hangar_devkit.docs import sessions as session_page
from scripts.pages.project import rendering

OPTIONS = """\
# Options

The questions that a new project asks. Text is kept exactly as you type it. A name that a platform
or Python cannot use is refused, all problems at once, before anything is written.

"""


def options(root: Path) -> str:
    """List the questions of `cookiecutter.json` with their answers."""
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
        labels = prompt if isinstance(prompt, dict) else {}
        first, *rest = (labels.get(value, f"`{value}`") for value in default)
        return "; ".join([f"{first} (by default)", *rest])
    return "any text" if "{" in default else f"any text; `{default}` by default"


def sessions(root: Path) -> str:
    """List the sessions of a project, then those of this repository."""
    project = session_page.page(rendering(root, value=True))
    own = session_page.page(root)
    return f"{project}\n---\n\n{own}".replace("\n# Sessions", "\n# The template's own sessions")


def contracts(root: Path) -> str:
    """Return the contracts page of a new project, as an example."""
    return contract_page.page(rendering(root, value=False))
