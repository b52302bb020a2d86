"""Render the template with cruft, in an environment of its own: `python render.py JOB`.

JOB is a JSON file: `template`, and `renders`, each with `source`, `commit`, `answers` and `output`.
The contexts, as cruft records them, are written beside it, as `JOB.contexts`.
"""

import json
import logging
import sys
from pathlib import Path

from cookiecutter.exceptions import CookiecutterException
from cookiecutter.generate import generate_files
from cruft._commands.utils.cookiecutter import generate_cookiecutter_context
from cruft.exceptions import CruftError
from jinja2.exceptions import TemplateError


def main(job_file: Path) -> int:
    """Render what the job lists; on an error print which commit could not be rendered, and why."""
    logging.disable()  # cookiecutter logs a refused answer with a traceback
    job = json.loads(job_file.read_text(encoding="utf-8"))
    contexts = []
    for render in job["renders"]:
        source = Path(render["source"])
        try:
            context = generate_cookiecutter_context(
                job["template"],
                render["commit"],
                source,
                extra_context=render["answers"],
                no_input=True,
            )
            generate_files(repo_dir=source, context=context, output_dir=render["output"])
        except (CookiecutterException, CruftError, TemplateError, OSError, ValueError) as error:
            print(f"Could not render {render['commit']}: {error}", file=sys.stderr)
            return 1
        contexts.append(context)
    job_file.with_name(job_file.name + ".contexts").write_text(
        json.dumps(contexts, ensure_ascii=False), encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
