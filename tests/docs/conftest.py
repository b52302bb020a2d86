"""A project of the template with its environment, created once; each test gets a copy."""

import contextlib
import functools
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.reader import HERE, Reader
from tests.support.render import Run, run
from tests.support.servers import Quiet, serving

Render = Callable[[dict[str, str]], Path]
Serve = Callable[[Path], str]

# An address of a code host that the theme would ask for stars.
ANSWERS = {"project_name": "Tide Gauge", "repository_url": "https://github.com/example/tide-gauge"}


class Project:
    """A project at a path, with the commands of its environment."""

    def __init__(self, root: Path, environment: Path) -> None:
        self.root = root
        self.environment = {
            "UV_PROJECT_ENVIRONMENT": str(environment),
            "VIRTUAL_ENV": None,
            "PYTHONPATH": str(root / "src"),  # the copy's sources, not the installed ones
        }

    def tool(self, *command: str) -> Run:
        """Run a tool, as the sessions and hooks do."""
        return run(
            *("uv", "run", "--frozen", "--no-sync", *command), cwd=self.root, env=self.environment
        )

    def git(self, *command: str) -> Run:
        """Run git, whose hooks then find the environment."""
        return run("git", *command, cwd=self.root, env=self.environment)

    def build(self) -> Run:
        """Build the docs as the session does."""
        pages = self.tool("hangar", "docs", "pages")
        if pages.code:
            return pages
        return self.tool("properdocs", "build", "--strict", "--config-file=mkdocs.yml")

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a text that the file has."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} does not say {old!r}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def page(self, path: str) -> str:
        """Read a page of the built site."""
        return (self.root / "site" / path / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def made(render: Render, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project with its environment, committed and built. Read it only."""
    place = tmp_path_factory.mktemp("made")
    root = Path(shutil.copytree(render(ANSWERS), place / "tide-gauge"))
    project = Project(root, place / "environment")
    run("uv", "sync", "--quiet", "--group=dev", cwd=root, env=project.environment)
    for command in ("init --quiet", "config core.hooksPath tools/hooks", "add --all"):
        project.git(*command.split())
    project.git("commit", "--quiet", "--no-verify", "--message=Start")
    built = project.build()
    assert built.code == 0, built.err
    return project


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """A copy to change."""
    root = Path(shutil.copytree(made.root, tmp_path / "tide-gauge", symlinks=True))
    copy = Project(root, Path(str(made.environment["UV_PROJECT_ENVIRONMENT"])))
    subprocess.run(["git", "-C", str(root), "update-index", "-q", "--refresh"], check=False)
    return copy


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Serve a directory on this machine; give its address."""
    with contextlib.ExitStack() as stack:

        def start(directory: Path) -> str:
            handler = functools.partial(Quiet, directory=str(directory))
            return stack.enter_context(serving(handler))

        yield start


@pytest.fixture(scope="session")
def reader(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """A reader with a released template."""
    place = tmp_path_factory.mktemp("reader") / HERE
    subprocess.run(["git", "clone", "--quiet", str(template), str(place)], check=True)
    subprocess.run(["git", "-C", str(place), "tag", "v0.1.0"], check=True)
    return Reader(place)
