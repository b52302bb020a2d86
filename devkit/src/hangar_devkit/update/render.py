"""Render the template as cruft does, in an environment of its own: `python render.py JOB`.

JOB is a JSON file: `template`, and `renders`, each with `source`, `commit`, `answers` and `output`.
The contexts, as cruft records them, are written beside it, as `JOB.contexts`.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from cookiecutter.config import get_user_config
from cookiecutter.exceptions import CookiecutterException
from cookiecutter.generate import generate_context, generate_files
from cookiecutter.prompt import prompt_for_config
from jinja2.exceptions import TemplateError


def main(job_file: Path) -> int:
    """Render what the job lists; on an error print which commit could not be rendered, and why."""
    logging.disable()  # cookiecutter logs a refused answer with a traceback
    job = json.loads(job_file.read_text(encoding="utf-8"))
    contexts = []
    for render in job["renders"]:
        source = Path(render["source"])
        try:
            context = make_context(job["template"], render["commit"], source, render["answers"])
            generate_files(repo_dir=source, context=context, output_dir=render["output"])
        except (CookiecutterException, TemplateError, OSError, ValueError) as error:
            print(f"Could not render {render['commit']}: {error}", file=sys.stderr)
            return 1
        contexts.append(context)
    job_file.with_name(job_file.name + ".contexts").write_text(
        json.dumps(contexts, ensure_ascii=False), encoding="utf-8"
    )
    return 0


def make_context(
    template: str, commit: str, source: Path, answers: dict[str, Any]
) -> dict[str, Any]:
    """Return the context of a rendering, with what cruft records. To import cruft takes longer."""
    context: dict[str, Any] = generate_context(
        context_file=str(source / "cookiecutter.json"),
        default_context=get_user_config()["default_context"],
        extra_context=answers,
    )
    asked = prompt_for_config(context, no_input=True)
    context["cookiecutter"] = {**asked, "_template": template, "_commit": commit}
    return context


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
