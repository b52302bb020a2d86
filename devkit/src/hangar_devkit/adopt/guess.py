"""Answer the template's questions from a project's own metadata."""

import re
import tomllib
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError


def guess(root: Path, questions: dict[str, Any]) -> dict[str, Any]:
    """Return the answers that a project's pyproject.toml and files give.

    Args:
        root: The project.
        questions: The template's questions, with defaults or choices.

    Raises:
        UpdateError: If no pyproject.toml gives the project's name.
    """
    try:
        metadata = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        name = str(metadata["name"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UpdateError(
            f"{root / 'pyproject.toml'} has no [project] name: {error}. Add it, then run again."
        ) from None
    author: dict[str, str] = next(iter(metadata.get("authors", [])), {})
    packages = sorted(path.parent.name for path in (root / "src").glob("*/__init__.py"))
    addresses = [str(url) for url in metadata.get("urls", {}).values()]
    guesses = {
        "project_name": name,
        "project_slug": re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"),
        "package_name": packages[0] if packages else None,
        "description": metadata.get("description"),
        "author_name": author.get("name"),
        "author_email": author.get("email"),
        "license": metadata.get("license"),
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
