"""Read what the project knows of its template."""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Tree

STATE_FILE = ".cruft.json"


class TemplateState(NamedTuple):
    """The state of the project relative to its template, as cruft keeps it in `.cruft.json`."""

    data: dict[str, Any]

    @property
    def template(self) -> str:
        """Where the template's repository is."""
        return str(self.data["template"])

    @property
    def commit(self) -> str:
        """The template's commit that the project was last rendered from."""
        return str(self.data["commit"])

    @property
    def directory(self) -> str:
        """Where in its repository the template is; empty for the top."""
        return str(self.data.get("directory") or "")

    @property
    def answers(self) -> dict[str, Any]:
        """The answers that a person gave; private variables follow from them."""
        context = self.data["context"]["cookiecutter"]
        return {name: value for name, value in context.items() if not name.startswith("_")}

    @property
    def is_adopted(self) -> bool:
        """Whether the project existed before, and took only some files of the template."""
        return "adopted" in self.data

    def taken(self, tree: Tree) -> Tree:
        """Return the files of a rendering that the project takes: all, unless it was adopted."""
        if not self.is_adopted:
            return tree
        from hangar_devkit.update.ownership import covers  # noqa: PLC0415 - a check needs none

        patterns = self.data["adopted"]
        return {p: each for p, each in tree.items() if any(covers(one, p) for one in patterns)}

    def at(self, commit: str, checkout: str | None, context: dict[str, Any]) -> "TemplateState":
        """Return the state after an update."""
        return TemplateState(
            {**self.data, "commit": commit, "checkout": checkout, "context": context}
        )

    def text(self) -> str:
        """Return the file's content, byte for byte as cruft writes it."""
        return json.dumps(self.data, ensure_ascii=False, indent=2, separators=(",", ": ")) + "\n"


def read_state(root: Path) -> TemplateState:
    """Read `.cruft.json`.

    Raises:
        UpdateError: If the project has no such file, or one that cannot be read.
    """
    path = root / STATE_FILE
    try:
        state = TemplateState(json.loads(path.read_text(encoding="utf-8")))
        problem = _problem(state)
    except FileNotFoundError:
        raise UpdateError(
            f"{path} is missing, so the project's template is not known.\n"
            "Restore the file from git, or link the project to its template with `cruft link`."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = str(error)
    if problem:
        raise UpdateError(
            f"{path} cannot be read: {problem}.\nRestore it: git checkout HEAD -- {STATE_FILE}"
        )
    return state


def _problem(state: TemplateState) -> str:
    if not re.fullmatch(r"[0-9a-f]{40,64}", state.commit) or not isinstance(state.answers, dict):
        return "commit or answers are not what cruft writes"
    return "the template is not an address" if state.template.startswith("-") else ""


def own_version(root: Path) -> str:
    """Return the template's version that the project has, as its files state it; else nothing.

    `[tool.hangar] template` in pyproject.toml states it. Before v0.2.0, tools/pyproject.toml did.
    """
    import tomllib  # noqa: PLC0415 - the commit tells it for most projects

    for name, keys in (
        ("pyproject.toml", ("tool", "hangar", "template")),
        ("tools/pyproject.toml", ("project", "version")),
    ):
        try:
            value: Any = tomllib.loads((root / name).read_text(encoding="utf-8"))
            for key in keys:
                value = value[key]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return str(value)
    return ""
