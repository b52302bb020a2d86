"""Prove that an update from one release to another ends at what a fresh project would be."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from hangar_devkit.update import answers, rendering
from hangar_devkit.update.git import user_git, workshop_git
from hangar_devkit.update.ownership import read_manifest
from hangar_devkit.update.releases import Release
from hangar_devkit.update.state import LINK, Link, read_link

REPOSITORY = Path(__file__).parents[1]
_WHO = ("-c", "user.name=Release", "-c", "user.email=release@example.com")


def samples(questions: answers.Answers) -> dict[str, answers.Answers]:
    """Return sets of answers that between them leave no default as it is.

    Args:
        questions: The questions of a release: name, and default or list of choices.
    """
    others: answers.Answers = {}
    for name, question in questions.items():
        if isinstance(question, list):
            others[name] = question[-1]
        elif isinstance(question, bool):
            others[name] = not question
    return {"defaults": {}, "the other choices": others}


def questions_at(template: Path, commit: str) -> answers.Answers:
    """Read the questions of the template as it was at a commit."""
    with tempfile.TemporaryDirectory() as temporary:
        text = user_git(template).run("show", f"{commit}:cookiecutter.json")
        Path(temporary, "cookiecutter.json").write_bytes(text)
        return answers.read_questions(Path(temporary))


def differences(template: Path, old: Release, new: Release, given: answers.Answers) -> list[str]:
    """Make a project of the old release, let it update itself, and compare it with a fresh one.

    Args:
        template: A repository of the template that has both tags.
        old: Where the project starts.
        new: Where the update goes.
        given: The answers that differ from the defaults.

    Returns:
        What differs in the files of the template and in the shared ones; empty if nothing does.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-release-") as temporary:
        place = Path(temporary).resolve()
        project, fresh = place / "updated" / "project", place / "fresh" / "project"
        _make(project, template, old, given)
        # The user's devkit does the update; the first release had none.
        own = (project / "tools" / "devkit" / "update").exists()
        done = subprocess.run(
            [sys.executable, "-m", "hangar_devkit.update", "--no-checks", "--to", new.tag],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str((project if own else REPOSITORY) / "tools")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return [done.stderr.strip()]
        _make(fresh, template, new, read_link(project).answers)
        return _compare(project, fresh)


def _make(project: Path, template: Path, release: Release, given: answers.Answers) -> None:
    """Render a release into a repository with one commit."""
    place = project.parent / "workshop"
    place.mkdir(parents=True)
    workshop = workshop_git(place, template)
    source = rendering.fetch(user_git(template), workshop, str(template), "")
    checkout = source.checkout(release.commit, place / "source")
    job = rendering.Job(checkout, release.commit, given)
    (made,) = rendering.render(str(template), [job], place / "renderings")
    made.root.rename(project)
    link = Link({"template": str(template), "commit": "", "checkout": "", "context": {}})
    link = link.moved(release.commit, release.tag, made.context)
    (project / LINK).write_text(link.text(), encoding="utf-8")
    git = user_git(project)
    git.run("init", "--quiet", "--template=")
    git.run("add", "--all", "--force")
    git.run(*_WHO, "-c", "commit.gpgsign=false", "commit", "--quiet", "--message=Start")


def _compare(project: Path, fresh: Path) -> list[str]:
    manifest = read_manifest((fresh / "pyproject.toml").read_text("utf-8"), "the fresh project")
    found = {name: _files(name) for name in (project, fresh)}
    lines = []
    for name in sorted({*found[project], *found[fresh]}):
        updated, wanted = found[project].get(name), found[fresh].get(name)
        if updated is None:
            lines.append(f"{name} is missing")
        elif updated != wanted and manifest.owner(name) != "you":
            lines.append(f"{name} differs" if wanted else f"{name} should be gone")
    return lines


def _files(root: Path) -> dict[str, tuple[bytes, int]]:
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not name.startswith(".git/"):
            found[name] = (path.read_bytes(), path.stat().st_mode & 0o111)
    return found
