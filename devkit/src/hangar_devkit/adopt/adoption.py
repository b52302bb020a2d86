"""Adopt a project layer by layer: write new files, check them, commit them, or take them back."""

import json
import os
import posixpath
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hangar_devkit.adopt.layers import LAYERS, TAKEN, Project, is_executable, write_layer
from hangar_devkit.adopt.metadata import (
    find_indexes,
    find_written,
    guess_answers,
    python_request,
    read_metadata,
)
from hangar_devkit.adopt.requirements import (
    find_requirements,
    find_test_paths,
    runs_doctests,
)
from hangar_devkit.adopt.suite import BIN, Outcomes, Suite, call, find_differences, prepare
from hangar_devkit.update import releases, rendering, report, state, worktree
from hangar_devkit.update.answers import migrate, read_questions
from hangar_devkit.update.errors import UpdateError
from hangar_devkit.update.git import Git, decode, encode, user_git
from hangar_devkit.update.scratch import scratch_directory

# What a check of a layer runs of our sessions.
_SESSIONS = {
    "tools": ["preflight"],
    "hooks": ["lint"],
    "container": ["lint"],
    "docs": ["docs"],
    "ci": ["lint"],
}


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    Attributes:
        template: The address of the template's repository.
        tag: A release; the newest when None.
        answers: Answers that win over the guessed ones.
        layer: The last layer to add.
        requires: What the tests need beyond what the project declares.
        apply: Whether to write the files.
        check: Whether to check each layer.
    """

    template: str
    tag: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)
    layer: str = LAYERS[-1]
    requires: list[str] = field(default_factory=list)
    apply: bool = False
    check: bool = True


class LayerError(Exception):
    """A layer whose check failed, and what the check printed."""


def find_template(directory: Path) -> str:
    """Return the template's address, from a checkout of it or from a project made from it.

    A checkout names its origin, or itself if the origin has no releases.

    Raises:
        UpdateError: If the directory is neither.
    """
    if (directory / "cookiecutter.json").is_file():
        git = user_git(directory)
        origin = git.call("remote", "get-url", "origin").stdout.decode().strip()
        has_releases = origin and git.call("ls-remote", "--tags", "--", origin, "v*").stdout
        return origin if has_releases else str(directory)
    if (directory / state.STATE_FILE).is_file():
        return state.read_state(directory).template
    raise UpdateError(
        f"{directory} is neither a checkout of the template nor a project made from it. "
        "Give the template's repository: --template URL"
    )


def adopt(root: Path, request: Request) -> bool:
    """Show what the layers add to a project and, if requested, add them one by one.

    Returns:
        Whether every layer that was asked for is there, or nothing was to be written.

    Raises:
        UpdateError: If the project cannot be adopted; nothing was written.
    """
    git = worktree.open_project(root)
    worktree.refuse_unfinished(git)
    worktree.refuse_dirty(git)
    linked = _read_link(root)
    metadata = read_metadata(root)
    known = releases.find_releases(git, request.template)
    release = releases.choose(known, request.tag)
    repository = git.tree("HEAD")
    service = "gitlab" if ".gitlab-ci.yml" in repository else "github"
    with scratch_directory() as directory:
        _, source = rendering.open_template(git, request.template, "", directory)
        new = source.checkout(release.commit, directory / "new")
        questions = read_questions(new)
        answers = guess_answers(metadata, questions, service) | (linked.answers if linked else {})
        answers = migrate(answers, questions, [], request.answers).answers
        job = rendering.Job(new, release.commit, answers)
        (fresh,) = rendering.render(request.template, [job], directory / "renderings")
        context = fresh.context["cookiecutter"]
        project = Project(
            root=root,
            prefix=git.prefix,
            repository=repository,
            metadata=metadata,
            fresh=fresh.root,
            link=_link(request.template, release, fresh.context),
            branch=_branch(git),
            ci=str(context.get("ci")),
        )
        wanted = [
            layer
            for layer in LAYERS[: LAYERS.index(request.layer) + 1]
            if layer != "ci" or project.ci != "none"
        ]
        missing = [layer for layer in wanted if not project.has(layer)]
        suite = _suite(project)
        print(_describe(project, release, context, suite, missing))
        _refuse_obstacles(project, missing, suite)
        if not request.apply or not missing:
            print("\nNothing was changed." + (" To apply it, add --yes." if missing else ""))
            return True
        _refuse_without_identity(git)
        _hide_environments(root)
        return _add_layers(git, project, suite, missing, request)


def _branch(git: Git) -> str:
    """Return the branch that CI watches: the default one of the remote, else the current one."""
    for name in ("refs/remotes/origin/HEAD", "HEAD"):
        found = git.call("symbolic-ref", "--quiet", "--short", name)
        if found.returncode == 0:
            return decode(found.stdout).strip().removeprefix("origin/")
    return "main"


def _hide_environments(root: Path) -> None:
    """Keep the directory of the environments out of git, whatever the project ignores."""
    ignore = root / ".nox" / ".gitignore"
    try:
        if not ignore.exists():
            ignore.parent.mkdir(exist_ok=True)
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise UpdateError(f"The directory of the environments cannot be made: {error}") from None


def _read_link(root: Path) -> state.TemplateState | None:
    """Return what an earlier adoption recorded, if there was one.

    Raises:
        UpdateError: If the project was made from a template.
    """
    if not (root / state.STATE_FILE).exists():
        return None
    linked = state.read_state(root)
    if not linked.is_adopted:
        raise UpdateError(f"{root} has a template already. Update it there: nox -s update")
    return linked


def _refuse_without_identity(git: Git) -> None:
    if not git.succeeds("var", "GIT_COMMITTER_IDENT"):
        raise UpdateError(
            "git has no author for the commits. Set one, then run again:\n"
            '  git config --global user.name "NAME" && git config --global user.email ADDRESS'
        )


def _refuse_obstacles(project: Project, missing: list[str], suite: Suite) -> None:
    """Refuse to write where something is: an adoption only adds files."""
    taken = []
    for layer in missing:
        for name in write_layer(project, layer, suite):
            parents = [each for each in list(Path(name).parents)[:-1] if each.as_posix() != "."]
            blocked = [each for each in parents if _is_no_directory(project.root / each)]
            taken += [each.as_posix() for each in blocked]
            if os.path.lexists(project.root / name):
                taken.append(name)
    if taken:
        raise UpdateError(
            f"The adoption adds files where you have some: {', '.join(sorted(set(taken)))}\n"
            "Move them away, then run again."
        )


def _is_no_directory(path: Path) -> bool:
    return os.path.lexists(path) and (path.is_symlink() or not path.is_dir())


def _link(template: str, release: releases.Release, context: dict[str, Any]) -> str:
    data: dict[str, Any] = {
        "template": template,
        "commit": "",
        "checkout": "",
        "context": {},
        "directory": None,
    }
    linked = state.TemplateState(data).at(release.commit, release.tag, context)
    # cruft itself leaves everything alone; `hangar update` brings what was taken as it is.
    linked.data.update(skip=["*"], adopted=list(TAKEN))
    return linked.text()


def _suite(project: Project) -> Suite:
    written = [path for path in find_written(project.metadata) if path in project.ours]
    paths = find_test_paths(project.root, project.metadata)
    if project.prefix:  # pytest would take a configuration from above for the project's
        paths.append("--rootdir=.")
    if runs_doctests(project.root):  # ours are programs, not to be imported
        paths += [f"--ignore={name}" for name in (project.noxfile, "tools/hangar.py")]
    return Suite(
        root=project.root,
        environment=project.root / ".nox" / "hangar-tests",
        python=python_request(project.metadata.requires_python),
        requirements=find_requirements(project.root, project.metadata),
        paths=paths,
        written=written,
    )


def _describe(
    project: Project,
    release: releases.Release,
    context: dict[str, Any],
    suite: Suite,
    missing: list[str],
) -> str:
    answers = [f"{name} = {value}" for name, value in context.items() if not name.startswith("_")]
    parts = report.section(
        f"Answers for {release.tag}, from {project.metadata.source} (to change one:"
        " --answer NAME=VALUE)",
        answers,
    )
    parts += report.section("What the tests need", suite.requirements.arguments)
    for layer in missing:
        parts += report.section(f"Layer {layer} adds", sorted(write_layer(project, layer, suite)))
    if not missing:
        parts.append("Every layer is there already.")
    return "\n\n".join(parts)


def _add_layers(
    git: Git, project: Project, suite: Suite, missing: list[str], request: Request
) -> bool:
    for layer in missing:
        print(f"\nLayer {layer} ...", flush=True)
        written: list[str] = []
        try:
            before = (
                prepare(suite, request.requires) if layer == "tools" and request.check else None
            )
            if before:
                print(f"  before: {before.summary() or 'no tests'}", flush=True)
            _write(project, content := write_layer(project, layer, suite), written)
            # Known to git, so that hooks which run on all files see them.
            git.run("update-index", "--add", "-z", "--stdin", stdin=encode(content))
            notes = _check(project, layer, suite, before) if request.check else ["not checked"]
            commit = _commit(git, layer, written)
        except (LayerError, UpdateError, OSError) as error:
            _take_back(git, written)
            print(f"  not added:\n{error}\nThe layers before it stay.", flush=True)
            return False
        except BaseException:
            _take_back(git, written)
            raise
        for note in notes:
            print(f"  {note}")
        print(f"  added; to undo it: git revert --no-edit {commit}", flush=True)
    print(f"\nAdopted. {project.nox} runs the sessions.")
    return True


def _write(project: Project, content: dict[str, bytes], written: list[str]) -> None:
    for name, data in content.items():
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as stream:  # never over a file that appeared meanwhile
            written.append(name)
            stream.write(data)
        if is_executable(name):
            path.chmod(0o755)


def _take_back(git: Git, written: list[str]) -> None:
    root = git.directory
    for name in written:
        (root / name).unlink(missing_ok=True)
        for parent in list(Path(name).parents)[:-1]:
            if not any((root / parent).iterdir()):
                (root / parent).rmdir()
    git.run("update-index", "--force-remove", "-z", "--stdin", stdin=encode(written))


def _commit(git: Git, layer: str, written: list[str]) -> str:
    """Commit the files of a layer and nothing else; the project's own hooks do not run."""
    message = f"Adopt the layer {layer} of the template"
    only = ("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--no-verify", "--only")
    git.run(*only, f"--message={message}", "--", *written)
    return git.line("rev-parse", "--short", "HEAD")


def _check(project: Project, layer: str, suite: Suite, before: Outcomes | None) -> list[str]:
    """Check a layer that was written; return what the user should know.

    Raises:
        LayerError: If the project is not green with it.
    """
    notes = []
    if layer in _SESSIONS:
        _run_sessions(project, _SESSIONS[layer])
    if layer == "ci":
        notes += _check_pipeline(project)
    if layer == "tools" and before is not None:
        notes += _compare(project, suite, before)
    if layer == "container":
        notes.append(_build(project))
    return notes or ["checked"]


def _check_pipeline(project: Project) -> list[str]:
    """Check a workflow that the session `lint` does not see; say what GitLab has to be told."""
    if project.ci == "gitlab":
        include = f"/{project.prefix}{project.pipeline}"
        return [f"to run it, add to `include` in .gitlab-ci.yml: - local: {json.dumps(include)}"]
    if not project.prefix:
        return []
    top = project.root.joinpath(*[".."] * project.prefix.count("/")).resolve()
    name = posixpath.normpath(project.prefix + project.pipeline)
    for command in (["hangar", "hook", "schemas", name], ["zizmor", "--offline", "--quiet", name]):
        program = project.root / ".nox" / "hangar-tools" / BIN / command[0]
        _call([str(program), *command[1:]], top)
    return [f"the workflow is {name}, as GitHub reads them at the top of the repository only"]


def _compare(project: Project, suite: Suite, before: Outcomes) -> list[str]:
    """Compare the outcomes of the suite with those before the adoption, by the session."""
    wheel = next(path for path in (project.root / "tools").glob("hangar_devkit-*.whl"))
    if problem := suite.install(str(wheel)):
        raise LayerError(problem)
    for _ in range(2):  # a suite may fail by itself now and then
        after = suite.run()
        if not (differing := find_differences(before, after)):
            break
    else:
        shown = "\n".join(f"  {test}" for test in differing[:5])
        raise LayerError(
            f"These tests end differently with the layer:\n{shown}\n{after.output[-800:]}"
        )
    notes = [f"after: {after.summary() or 'no tests, so not checked'}"]
    if suite.known_failures:
        notes.append(
            f"left out as they failed before (KNOWN_FAILURES in {project.noxfile}): "
            + ", ".join(suite.known_failures)
        )
    if before.tests:
        _run_sessions(project, ["tests"])
    return notes


def _run_sessions(project: Project, sessions: list[str]) -> None:
    tools = project.root / ".nox" / "hangar-tools"
    wheel = next(path for path in (project.root / "tools").glob("hangar_devkit-*.whl"))
    install = ["uv", "pip", "install", "--quiet", f"--python={tools}"]
    outside = Path(project.root.anchor)  # where no settings of the project constrain the tools
    indexes = find_indexes(project.metadata)
    commands = [
        ([*install, *indexes, f"hangar-devkit[dev] @ file://{wheel}"], outside),
        ([str(tools / BIN / "nox"), "-f", project.noxfile, "-s", *sessions], project.root),
    ]
    if not (tools / BIN).is_dir():
        venv = ["uv", "venv", "--quiet", "--no-project", "--python=>=3.11", str(tools)]
        commands.insert(0, (venv, outside))
    for command, directory in commands:
        _call(command, directory)


def _build(project: Project) -> str:
    """Build the image if an engine answers."""
    if shutil.which("docker") is None or call(["docker", "info"], project.root).returncode:
        return "the image was not built, so it is not checked: no container engine answers"
    command = ["docker", "build", "--quiet", "--file=tools/container/Dockerfile", "."]
    _call(command, project.root, DOCKER_BUILDKIT="1")  # not the default before Docker 23
    return "the image builds"


def _call(command: list[str], directory: Path, **variables: str) -> None:
    done = call(command, directory, **variables)
    if done.returncode:
        words = [Path(command[0]).name, *command[1:]]
        raise LayerError(f"{' '.join(words)}:\n{done.stdout[-2000:]}")
