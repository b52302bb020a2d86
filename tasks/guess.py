"""Answer the template's questions from what a project says of itself."""

import re
import tomllib
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError


def guess(root: Path, questions: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that a project's pyproject.toml and files give.

    Args:
        root: The project.
        questions: What the template asks, with defaults or choices.

    Raises:
        UpdateError: If no pyproject.toml says the project's name.
    """
    try:
        stated = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        name = str(stated["name"])
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise UpdateError(
            f"{root / 'pyproject.toml'} does not say the project's name ([project] name): {error}"
        ) from None
    author: dict[str, str] = next(iter(stated.get("authors", [])), {})
    packages = sorted(path.parent.name for path in (root / "src").glob("*/__init__.py"))
    addresses = [str(url) for url in stated.get("urls", {}).values()]
    guesses = {
        "project_name": name,
        "project_slug": re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        "package_name": packages[0] if packages else None,
        "description": stated.get("description"),
        "author_name": author.get("name"),
        "author_email": author.get("email"),
        "license": stated.get("license"),
        "repository_url": next((url for url in addresses if url.startswith("https://")), None),
        "ci": "gitlab" if (root / ".gitlab-ci.yml").exists() else None,
    }
    return {
        question: value
        for question, value in guesses.items()
        if value and _fits(value, questions.get(question))
    }


def _fits(value: object, question: object) -> bool:
    return value in question if isinstance(question, list) else question is not None
