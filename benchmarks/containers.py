"""Containers: images and the dev container, built, rebuilt, opened and used.

Compared with a single stage that runs `pip install .`, the usual Dockerfile without a template.
Cold means without layers and caches, but with the base images present. The engine does the work of
a build, so only wall time can be measured. Sizes exclude the base image. Needs a container engine;
the dev container also needs npm. Opening it is compared with the first edition of the template,
which did the same.
"""

import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import docker
from docker.errors import DockerException

from benchmarks.framework import progress
from benchmarks.framework.figures import (
    DRIFT,
    ONCE,
    OURS,
    ROOT,
    Figure,
    Options,
    Skipped,
    from_runs,
)
from benchmarks.framework.projects import generate
from benchmarks.framework.timing import stopwatch
from tests.support.container import (
    UV,
    Editor,
    HostUser,
    build,
    command,
    succeed,
    workspace,
)
from tests.support.layouts import RELEASES
from tests.support.render import by_api

ROUNDS = 3
PLAIN = "a plain `pip install .`"
FIRST = "the first edition"  # the last commit that states version 0.1.0
REBUILD = "rebuild after a line in src/"
COLD = "devcontainer up, cold, set-up included"
BUILT = "devcontainer up, image built"
TAG = "hangar-bench"
DOCKERFILE = """\
FROM python:3.13-slim-trixie
WORKDIR /app
COPY . .
RUN pip install .
ENTRYPOINT ["my-project"]
"""
BASE = "python:3.13-slim-trixie"
SOURCE = "src/my_project/cli.py"
Times = dict[str, dict[str, list[float]]]  # what -> by which side -> seconds of each run
CACHE = re.compile(r"type=cache(?:,id=[^,]*)?,target=(\S+?)(?=[,\s])")


def figures(options: Options) -> list[Figure]:
    """Measure builds, then the dev container."""
    try:
        engine = docker.from_env()
        engine.ping()
    except DockerException as error:
        raise Skipped(f"no container engine is running ({error}); start Docker") from error
    rounds = options.rounds or ROUNDS
    try:
        with workspace() as directory:
            built = builds(engine, directory, rounds)
            if not shutil.which("npm"):
                options.notes.append("dev container left out: its CLI needs npm, which is missing")
                return built
            return [*built, *dev_container(directory, engine, options)]
    finally:
        for image in engine.images.list(filters={"reference": f"{TAG}-*"}):
            engine.images.remove(str(image.id), force=True)
        engine.close()


def generate_locked(directory: Path) -> Path:
    """Generate a project and lock it, as its setup session does."""
    project = generate(directory)
    succeed(UV, "lock", "--quiet", cwd=project)
    return project


def builds(engine: docker.DockerClient, directory: Path, rounds: int) -> list[Figure]:
    """Measure builds of the image that ships."""
    ours = generate_locked(directory / "ours")
    invalidate_caches(ours)
    theirs = shutil.copytree(ours, directory / "theirs" / ours.name)
    (theirs / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    projects = {OURS: (ours, "runtime"), PLAIN: (theirs, "")}
    times: Times = {}

    def measure(name: str, change: Callable[[Path], None], count: int, *options: str) -> None:
        for number in range(count):
            for label, (project, target) in projects.items():
                progress.step(f"{name}, {number + 1} of {count}: {label}")
                change(project)
                seconds = build_image(project, target, *options)
                times.setdefault(name, {}).setdefault(label, []).append(seconds)

    measure("build, cold", lambda _: None, 1, "--no-cache")
    base = engine.images.get(BASE).attrs["Size"]
    sizes = {
        label: (engine.images.get(tag(project)).attrs["Size"] - base) / 1e6
        for label, (project, _) in projects.items()
    }
    measure("build, nothing changed", lambda _: None, rounds)
    measure(REBUILD, add_line, rounds)
    measure("rebuild after a new dependency", add_dependency, 1)
    size = [
        Figure("size over the base image", value, "MB", of=label, within=0.02)
        for label, value in sizes.items()
    ]
    share = sizes[OURS] / sizes[PLAIN]
    ratio = Figure("size over the base image, ratio", share, "x", against=PLAIN, within=0.02)
    return [
        *_ratios(times, PLAIN, {REBUILD: 0.2}),
        ratio,
        *size,
        *_wall_times(times, {REBUILD: 3}),
    ]


def _drift(values: list[float]) -> float:
    return DRIFT if len(values) > 1 else ONCE


def _ratios(times: Times, peer: str, targets: Mapping[str, float]) -> list[Figure]:
    return [
        from_runs(
            f"{name}: wall time, ratio",
            [ours / theirs for ours, theirs in zip(sides[OURS], sides[peer], strict=True)],
            "x",
            against=peer,
            within=_drift(sides[OURS]),
            target=targets.get(name),
        )
        for name, sides in times.items()
    ]


def _wall_times(times: Times, targets: Mapping[str, float]) -> list[Figure]:
    return [
        from_runs(
            f"{name}: wall time",
            values,
            "s",
            of=label,
            within=_drift(values),
            target=targets.get(name) if label == OURS else None,
        )
        for name, sides in times.items()
        for label, values in sides.items()
    ]


def tag(project: Path) -> str:
    """Name the image of a project."""
    return f"{TAG}-{project.parent.name}"


def build_image(project: Path, target: str, *options: str) -> float:
    """Build an image and return the seconds."""
    with stopwatch() as taken:
        build(project, target, tag(project), *options)
    return taken[0]


def invalidate_caches(project: Path) -> None:
    """Make the next build cold: empty cache mounts, and no layer of an earlier build.

    The option of the Dev Containers CLI for that would also pull the base image.
    """
    dockerfile = project / "Dockerfile"
    text = re.sub("(?m)^LABEL bench=.*\n", "", dockerfile.read_text(encoding="utf-8"))
    own = CACHE.sub(rf"type=cache,id={uuid.uuid4()}\1,target=\1", text)
    own = own.replace(" AS base\n", f" AS base\nLABEL bench={uuid.uuid4()}\n", 1)
    dockerfile.write_text(own, encoding="utf-8")


def add_line(project: Path) -> None:
    """Add a line that no build has seen."""
    with (project / SOURCE).open("a", encoding="utf-8") as file:
        file.write(f"# {uuid.uuid4()}\n")


def add_dependency(project: Path) -> None:
    """Add a dependency, as a user does."""
    succeed(UV, "add", "--quiet", "--no-sync", "humanize", cwd=project)


def dev_container(directory: Path, engine: docker.DockerClient, options: Options) -> list[Figure]:
    """Measure opening the dev container as an editor does, and the first `nox` in it.

    Of the first edition the same is measured in turn, so that the ratio holds on a busy machine.
    """
    home = directory / "home"
    home.mkdir()
    user = HostUser(home)
    editor = Editor(directory / "editor", user)
    projects = {OURS: generate(directory / "opened")}
    if first := generate_first(directory / "first"):
        projects[FIRST] = first
    else:
        options.notes.append("the first edition is left out: this clone lacks its commit")
    for project in projects.values():
        succeed("git", "init", "--quiet", "--initial-branch=main", cwd=project)
    times: Times = {}

    def measure(name: str, *flags: str, cold: bool = False) -> None:
        for number in range(options.rounds or ROUNDS):
            for label, project in projects.items():
                progress.step(f"{name}, {number + 1}: {label}")
                if cold:
                    editor.close(engine, project)
                    invalidate_caches(project)
                    user.own(project)
                seconds = open_container(editor, project, *flags)
                times.setdefault(name, {}).setdefault(label, []).append(seconds)

    try:
        measure(COLD, cold=True)
        progress.step("first nox inside")
        with stopwatch() as nox:
            editor.runs(projects[OURS], "nox")
        measure(BUILT, "--remove-existing-container")
        measure("devcontainer up, running")
    finally:
        for project in projects.values():
            editor.close(engine, project)
    ratios = _ratios(times, FIRST, {COLD: 1, BUILT: 1}) if first else []
    return [
        *ratios,
        *_wall_times(times, {BUILT: 10}),
        Figure("first nox inside: wall time", nox[0], "s", within=ONCE),
    ]


def generate_first(directory: Path) -> Path | None:
    """Generate a project of the first edition, or return None if its commit is not here."""
    commit = RELEASES["main"]
    clone = directory / "clone"
    directory.mkdir()
    succeed("git", "clone", "--quiet", "--no-checkout", ROOT, clone)
    if command("git", "checkout", "--quiet", commit, cwd=clone).returncode:
        return None
    return by_api(clone, directory, {})


def open_container(editor: Editor, project: Path, *options: str) -> float:
    """Open the container and return the seconds.

    Raises:
        RuntimeError: It failed to open.
    """
    with stopwatch() as taken:
        outcome = editor.up(project, *options)
    if outcome["outcome"] != "success":
        raise RuntimeError(outcome["log"][-600:])
    return taken[0]
