"""Prove that an update from one release to another gives what a fresh project would be."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from hangar_devkit.update import answers, rendering
from hangar_devkit.update.git import user_git
from hangar_devkit.update.ownership import read_manifest
from hangar_devkit.update.releases import Release
from hangar_devkit.update.state import STATE_FILE, TemplateState, read_state

REPOSITORY = Path(__file__).parents[1]
_OF_THIS_CHECKOUT = (["-m", "hangar_devkit", "update"], REPOSITORY / "devkit" / "src")
_WHO = ("-c", "user.name=Release", "-c", "user.email=release@example.com")


def samples(questions: answers.Answers) -> dict[str, answers.Answers]:
    """Return sets of answers that between them leave no default as it is.

    Args:
        questions: The questions of a release: name, and default or list of choices.
    """
    others: answers.Answers = {}
    for name, question in questions.items():
        if isinstance(question, list):
            others[name] = question[1]
        elif isinstance(question, bool):
            others[name] = not question
    return {"defaults": {}, "the other choices": others}


def questions_at(template: Path, commit: str) -> answers.Answers:
    """Read the questions of the template as it was at a commit."""
    with tempfile.TemporaryDirectory() as temporary:
        text = user_git(template).run("show", f"{commit}:cookiecutter.json")
        Path(temporary, "cookiecutter.json").write_bytes(text)
        return answers.read_questions(Path(temporary))


def differences(
    template: Path, old: Release, new: Release, given: answers.Answers, *, own: bool = True
) -> list[str]:
    """Make a project of the old release, let it update itself, and compare it with a fresh one.

    Args:
        template: A repository of the template that has both tags.
        old: Where the project starts.
        new: Where the update goes.
        given: The answers that differ from the defaults.
        own: Use the updater in the project where it has one, else that of this checkout.

    Returns:
        What differs in the files of the template and in the shared ones; empty if nothing does.
    """
    with tempfile.TemporaryDirectory(prefix="hangar-release-") as temporary:
        directory = Path(temporary).resolve()
        project, fresh = directory / "updated" / "project", directory / "fresh" / "project"
        make_project(project, template, old, given)
        command, path = _updater(project) if own else _OF_THIS_CHECKOUT
        done = subprocess.run(
            [sys.executable, *command, "--no-checks", "--to", new.tag],
            cwd=project,
            env={**os.environ, "PYTHONPATH": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            return [done.stderr.strip()]
        make_project(fresh, template, new, read_state(project).answers)
        return _compare(project, fresh)


def _updater(project: Path) -> tuple[list[str], Path]:
    """Return the command of a project's own updater, and the path that it imports from."""
    if (project / "tools" / "hangar.py").exists():
        return ["tools/hangar.py", "update"], project
    if (project / "tools" / "devkit" / "update").exists():
        return ["-m", "devkit.update"], project / "tools"
    return _OF_THIS_CHECKOUT  # v0.1.0 has none


def make_project(project: Path, template: Path, release: Release, given: answers.Answers) -> None:
    """Render a release into a repository with one commit, beside a scratch directory."""
    directory = project.parent / "scratch"
    directory.mkdir(parents=True)
    _, source = rendering.open_template(user_git(template), str(template), "", directory)
    checkout = source.checkout(release.commit, directory / "source")
    job = rendering.Job(checkout, release.commit, given)
    (made,) = rendering.render(str(template), [job], directory / "renderings")
    made.root.rename(project)
    state = TemplateState({"template": str(template), "commit": "", "checkout": "", "context": {}})
    state = state.at(release.commit, release.tag, made.context)
    (project / STATE_FILE).write_text(state.text(), encoding="utf-8")
    git = user_git(project)
    git.run("init", "--quiet", "--template=")
    git.run("add", "--all", "--force")
    git.run(*_WHO, "-c", "commit.gpgsign=false", "commit", "--quiet", "--message=Start")


def _compare(project: Path, fresh: Path) -> list[str]:
    manifest = read_manifest((fresh / "pyproject.toml").read_text("utf-8"), "the fresh project")
    # A file of the user that the new release does not have stays as it is.
    before = read_manifest(user_git(project).run("show", "HEAD:pyproject.toml").decode(), "HEAD")
    committed = set(user_git(project).tree("HEAD"))
    contents = {name: _files(name) for name in (project, fresh)}
    lines = []
    for name in sorted({*contents[project], *contents[fresh]}):
        updated, expected = contents[project].get(name), contents[fresh].get(name)
        if "you" in {manifest.owner(name), "" if expected else before.owner(name)}:
            continue
        if expected is None and name not in committed:
            continue  # a migration wrote it for the user
        if updated is None:
            lines.append(f"{name} is missing")
        elif updated != expected:
            lines.append(f"{name} differs" if expected else f"{name} should be deleted")
    return lines


def _files(root: Path) -> dict[str, tuple[bytes, int]]:
    found = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not name.startswith(".git/"):
            found[name] = (path.read_bytes(), path.stat().st_mode & 0o111)
    return found
