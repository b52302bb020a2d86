"""After a kill at any point the tree is as before, as after, or the next run restores it."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.edits import typical
from tests.support.projects import Factory, commit, files, git, update

pytestmark = pytest.mark.slow

POINTS = 3
MOMENTS = ("before", "after", "with the lock held")
# What git is asked while files are written, in this order; the first never locks the index.
STEPS = ("unpack-objects", "update-index -z --index-info", "checkout-index", "update-index -q")
KILLS = [(STEPS[0], moment) for moment in MOMENTS[:2]] + [
    (step, moment) for step in STEPS[1:] for moment in MOMENTS
]


@dataclass(frozen=True)
class Origin:
    """A project before an update, its state after one, and how long one takes."""

    project: Path
    before: dict[str, bytes]
    after: dict[str, bytes]
    seconds: float


def contents(project: Path) -> dict[str, bytes]:
    return {path: (project / path).read_bytes() for path in files(project)}


@pytest.fixture(scope="module")
def origin(factory: Factory, tmp_path_factory: pytest.TempPathFactory) -> Origin:
    directory = tmp_path_factory.mktemp("killed")
    project = factory.project(directory / "origin", "v1.0.0")
    typical(project)
    commit(project, "Edits")
    done = shutil.copytree(project, directory / "done", symlinks=True)
    started = time.monotonic()
    assert update(done).returncode == 0
    seconds = time.monotonic() - started
    return Origin(project, contents(project), contents(done), seconds)


def start(project: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start an update in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, "tools/hangar.py", "update", "--no-checks"],
        cwd=project,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def state(project: Path, origin: Origin) -> str:
    """Say how a killed update left the tree; where it is neither before nor after, restore it."""
    found = contents(project)
    locked = (project / ".git" / "index.lock").exists()
    if found == origin.after and not locked and not git(project, "diff", "--name-only"):
        return "after"
    if found == origin.before and not locked and not git(project, "status", "--porcelain"):
        return "before"
    output = update(project).stderr
    if "Bring them back: " not in output:
        return f"neither, and no way back was reported: {output}"
    way_back = output.rsplit("Bring them back: ", 1)[1]
    subprocess.run(way_back, shell=True, cwd=project, check=True, capture_output=True)  # noqa: S602
    restored = contents(project) == origin.before and not git(project, "status", "--porcelain")
    return "restored" if restored else "the way back does not lead back"


def finishes(project: Path, origin: Origin) -> bool:
    """Say whether the next update brings the project to where an undisturbed one does."""
    return update(project).returncode == 0 and contents(project) == origin.after


@pytest.mark.parametrize("point", range(POINTS))
def test_killed_at_a_random_point(origin: Origin, tmp_path: Path, point: int) -> None:
    project = shutil.copytree(origin.project, tmp_path / "p", symlinks=True)
    running = start(project, {})
    share = random.Random(point).random()
    time.sleep(share * origin.seconds)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert state(project, origin) in {"before", "after", "restored"}


def killer(directory: Path, step: str, moment: str) -> dict[str, str]:
    """Put a git on PATH that kills the update at a step."""
    directory.mkdir()
    real = shutil.which("git")
    script = directory / "git"
    lock = "touch .git/index.lock\n" if moment == "with the lock held" else ""
    run = f'"{real}" "$@"\n' if moment == "after" else ""
    script.write_text(
        f'#!/bin/sh\ncase "$*" in *"{step}"*)\n{run}{lock}kill -9 0\n;; esac\nexec "{real}" "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return {"PATH": f"{directory}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module", params=KILLS, ids=" ".join)
def killed(
    request: pytest.FixtureRequest, origin: Origin, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A project whose update was killed at a step of the writing, and the state that it left."""
    directory = tmp_path_factory.mktemp("step")
    project = shutil.copytree(origin.project, directory / "p", symlinks=True)
    running = start(project, killer(directory / "bin", *request.param))
    assert running.wait() == -signal.SIGKILL
    return project, state(project, origin)


def test_killed_while_writing(killed: tuple[Path, str]) -> None:
    assert killed[1] in {"before", "after", "restored"}


def test_the_next_update_finishes(killed: tuple[Path, str], origin: Origin) -> None:
    if killed[1] == "after":
        git(killed[0], "reset", "--quiet", "--hard")
    assert finishes(killed[0], origin)
