"""Check out the template's old and new version, and render both as cruft does."""

import json
import os
import subprocess
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git
from hangar_devkit.update.handover import fetch
from hangar_devkit.update.scratch import scratch_git

# Most of the template's files are about the template: leave them packed.
_NOT_RENDERED = tuple(
    f":(exclude,top){name}" for name in ("benchmarks", "devkit", "docs", "scripts", "tests")
)
# A project keeps the name that it has, even if the template now refuses it for new projects.
_EXISTING_NAMES = "_existing_names"
_SCRIPT = "render.py"  # runs in an environment of its own, which has this
COOKIECUTTER = "cookiecutter==2.7.1"


@dataclass(frozen=True)
class Source:
    """A clone of the template, from which versions are checked out."""

    git: Git
    directory: str

    def checkout(self, commit: str, into: Path) -> Path:
        """Write the template as it was at a commit; return where its cookiecutter.json is.

        Raises:
            UpdateError: If the template's repository no longer has the commit.
        """
        into.mkdir()
        target = Git(
            into,
            {**self.git.environment, "GIT_WORK_TREE": str(into), "GIT_INDEX_FILE": f"{into}.i"},
        )
        try:
            target.run("checkout", "--quiet", commit, "--", ".", *_NOT_RENDERED)
        except UpdateError:
            if self.git.succeeds("cat-file", "-e", f"{commit}^{{commit}}"):
                raise
            raise UpdateError(
                f"The template's repository no longer has commit {commit}: its history was"
                " rewritten.\nLink the project again, with the answers that it has, at the release"
                " that it is closest to: hangar update --relink TAG"
            ) from None
        return into / self.directory

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether a commit is part of another's history."""
        return self.git.succeeds("merge-base", "--is-ancestor", older, newer)


@dataclass(frozen=True)
class Job:
    """One version of the template, to be rendered with answers."""

    source: Path
    commit: str
    answers: dict[str, Any]


@dataclass(frozen=True)
class Rendering:
    """A rendered project, and the context that cruft would record."""

    root: Path
    context: dict[str, Any]


def open_clone(scratch: Git, clone: Path, directory: str) -> Source:
    """Return the template in a bare clone, to be read with none of the user's settings.

    Args:
        scratch: Git in the scratch repository.
        clone: The bare clone.
        directory: Where in the repository the template is; empty for the top.
    """
    return Source(Git(scratch.directory, {**scratch.environment, "GIT_DIR": str(clone)}), directory)


def open_template(git: Git, template: str, inner: str, directory: Path) -> tuple[Git, Source]:
    """Fetch a template; return git in a new scratch repository, and the template in its clone.

    Args:
        git: Git on the project.
        template: The address of the template's repository.
        inner: Where in it the template is; empty for the top.
        directory: An empty directory to work in.

    Raises:
        UpdateError: If the repository cannot be cloned.
    """
    scratch = scratch_git(directory, git.directory)
    return scratch, open_clone(scratch, fetch(git, template, directory), inner)


def render(template: str, jobs: list[Job], directory: Path) -> list[Rendering]:
    """Render versions of the template.

    The user's cookiecutter configuration is kept out: it would change defaults.

    Args:
        template: The template's address, for the record.
        jobs: What to render.
        directory: An empty directory to work in.

    Raises:
        UpdateError: If uv is missing, or a version cannot be rendered.
    """
    directory.mkdir()
    config = directory / "cookiecutter.yaml"
    config.write_text("{}\n", encoding="utf-8")
    outputs = [directory / str(number) for number in range(len(jobs))]
    job_file = directory / "job.json"
    renders = []
    for job, output in zip(jobs, outputs, strict=True):
        output.mkdir()
        renders.append(
            {
                "source": str(job.source),
                "commit": job.commit,
                "answers": {**job.answers, _EXISTING_NAMES: True},
                "output": str(output),
            }
        )
    job_file.write_text(
        json.dumps({"template": template, "renders": renders}, ensure_ascii=False), encoding="utf-8"
    )
    _run(job_file, {**os.environ, "COOKIECUTTER_CONFIG": str(config)})
    contexts = json.loads(Path(f"{job_file}.contexts").read_text(encoding="utf-8"))
    for context in contexts:  # as cruft records it for a new project
        if _EXISTING_NAMES in context["cookiecutter"]:
            context["cookiecutter"][_EXISTING_NAMES] = False
    return [
        Rendering(next(output.iterdir()), context)
        for output, context in zip(outputs, contexts, strict=True)
    ]


def _run(job_file: Path, environment: dict[str, str]) -> None:
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    environment.setdefault("UV_PYTHON", ">=3.11")
    # A copy: this package may be running from a wheel, where a script has no path.
    script = job_file.with_name(_SCRIPT)
    script.write_bytes(files("hangar_devkit.update").joinpath(_SCRIPT).read_bytes())
    # uv keeps an environment for these requirements, and compiles it once. One for a script is
    # kept for its path, so each update would make another.
    packages = f"--with={COOKIECUTTER}"
    command = ["uv", "run", "--quiet", "--no-project", packages, "python", str(script)]
    try:
        done = subprocess.run(
            [*command, str(job_file)],
            env=environment,
            capture_output=True,
            check=False,
            cwd=job_file.parent,
        )
    except FileNotFoundError:
        raise UpdateError("uv is not on PATH. Install it, then run again.") from None
    if done.returncode:
        output = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise UpdateError(f"The template could not be rendered:\n{output}")
