"""Containers: images and the dev container, built, rebuilt, opened and used.

Beside it: one stage that says `pip install .`, which is what one writes without a template. Cold is
without layers and without caches, with the base images there; a build's work is the engine's, so
that only wall time can be told. Sizes are over that of the base image. Needs a container engine;
the dev container also needs npm.
"""

import re
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path

import docker
from docker.errors import DockerException

from bench import progress
from bench.clock import stopwatch
from bench.figures import DRIFT, ONCE, OURS, Figure, Options, Unmeasured, of_runs
from tests.support.container import (
    UV,
    Editor,
    HostUser,
    build,
    generate,
    succeed,
    workspace,
)

ROUNDS = 3
PLAIN = "a plain `pip install .`"
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
CACHE = re.compile(r"type=cache,target=(\S+?)(?=[,\s])")


def figures(options: Options) -> list[Figure]:
    """Measure builds, then the dev container."""
    try:
        engine = docker.from_env()
        engine.ping()
    except DockerException as error:
        raise Unmeasured(f"no container engine answers ({error}); start Docker") from error
    rounds = options.rounds or ROUNDS
    try:
        with workspace() as place:
            found = builds(engine, place, rounds)
            if not shutil.which("npm"):
                options.notes.append("the dev container is left out: no npm here, which brings it")
                return found
            return [*found, *dev_container(engine, place, rounds)]
    finally:
        for image in engine.images.list(filters={"reference": f"{TAG}-*"}):
            engine.images.remove(str(image.id), force=True)
        engine.close()


def builds(engine: docker.DockerClient, place: Path, rounds: int) -> list[Figure]:
    """Measure builds of the image that ships."""
    ours = generate(place / "ours")
    freshen(ours)
    theirs = shutil.copytree(ours, place / "theirs" / ours.name)
    (theirs / "Dockerfile").write_text(DOCKERFILE, encoding="utf-8")
    projects = {OURS: (ours, "runtime"), PLAIN: (theirs, "")}
    found: dict[str, dict[str, list[float]]] = {}

    def timed(what: str, change: Callable[[Path], None], times: int, *words: str) -> None:
        for turn in range(times):
            for which, (project, target) in projects.items():
                progress.step(f"{what}, {turn + 1} of {times}: {which}")
                change(project)
                seconds = image(project, target, *words)
                found.setdefault(what, {}).setdefault(which, []).append(seconds)

    timed("build, cold", lambda _: None, 1, "--no-cache")
    base = engine.images.get(BASE).attrs["Size"]
    sizes = {
        which: (engine.images.get(tag(project)).attrs["Size"] - base) / 1e6
        for which, (project, _) in projects.items()
    }
    timed("build, nothing changed", lambda _: None, rounds)
    timed("rebuild after a line in src/", touch, rounds)
    timed("rebuild after a new dependency", depend, 1)
    size = [
        Figure("size over the base image", value, "MB", of=which, within=0.02)
        for which, value in sizes.items()
    ]
    share = sizes[OURS] / sizes[PLAIN]
    ratio = Figure("size over the base image, ratio", share, "x", against=PLAIN, within=0.02)
    return [*_ratios(found), ratio, *size, *_walls(found)]


def _drift(values: list[float]) -> float:
    return DRIFT if len(values) > 1 else ONCE


def _ratios(found: dict[str, dict[str, list[float]]]) -> list[Figure]:
    return [
        of_runs(
            f"{what}: wall time, ratio",
            [ours / plain for ours, plain in zip(sides[OURS], sides[PLAIN], strict=True)],
            "x",
            against=PLAIN,
            within=_drift(sides[OURS]),
        )
        for what, sides in found.items()
    ]


def _walls(found: dict[str, dict[str, list[float]]]) -> list[Figure]:
    return [
        of_runs(
            f"{what}: wall time",
            values,
            "s",
            of=which,
            within=_drift(values),
            target=3 if which == OURS and "src/" in what else None,
        )
        for what, sides in found.items()
        for which, values in sides.items()
    ]


def tag(project: Path) -> str:
    """Name the image of a project."""
    return f"{TAG}-{project.parent.name}"


def image(project: Path, target: str, *words: str) -> float:
    """Build an image; return the seconds."""
    with stopwatch() as taken:
        build(project, target, tag(project), *words)
    return taken[0]


def freshen(project: Path) -> None:
    """Make a build cold: caches that nothing has filled, and no layer of an earlier build.

    The Dev Containers CLI has a switch for that, which would also pull the base image.
    """
    dockerfile = project / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    own = CACHE.sub(rf"type=cache,id={uuid.uuid4()}\1,target=\1", text)
    own = own.replace(" AS base\n", f" AS base\nLABEL bench={uuid.uuid4()}\n", 1)
    dockerfile.write_text(own, encoding="utf-8")


def touch(project: Path) -> None:
    """Add a line that no build has seen."""
    with (project / SOURCE).open("a", encoding="utf-8") as file:
        file.write(f"# {uuid.uuid4()}\n")


def depend(project: Path) -> None:
    """Add a dependency, as a user does."""
    succeed(UV, "add", "--quiet", "--no-sync", "humanize", cwd=project)


def dev_container(engine: docker.DockerClient, place: Path, rounds: int) -> list[Figure]:
    """Measure opening the dev container as an editor does, and the first `nox` in it."""
    home = place / "home"
    home.mkdir()
    user = HostUser(home)
    editor = Editor(place / "editor", user)
    project = generate(place / "opened")
    (project / "uv.lock").unlink()
    freshen(project)
    succeed("git", "init", "--quiet", "--initial-branch=main", cwd=project)
    user.own(project)
    try:
        progress.step("devcontainer up, cold")
        cold = opening(editor, project)
        progress.step("first nox inside")
        with stopwatch() as nox:
            editor.runs(project, "nox")
        progress.step("devcontainer up, image built; then running")
        rebuilt = [opening(editor, project, "--remove-existing-container") for _ in range(rounds)]
        again = [opening(editor, project) for _ in range(rounds)]
    finally:
        editor.close(engine, project)
    return [
        of_runs("devcontainer up, image built: wall time", rebuilt, "s", target=10),
        of_runs("devcontainer up, running: wall time", again, "s"),
        Figure("devcontainer up, cold, set-up included: wall time", cold, "s", within=ONCE),
        Figure("first nox inside: wall time", nox[0], "s", within=ONCE),
    ]


def opening(editor: Editor, project: Path, *words: str) -> float:
    """Open the container; return the seconds.

    Raises:
        RuntimeError: It did not open.
    """
    with stopwatch() as taken:
        outcome = editor.up(project, *words)
    if outcome["outcome"] != "success":
        raise RuntimeError(outcome["log"][-600:])
    return taken[0]
