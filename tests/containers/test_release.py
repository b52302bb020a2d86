"""A rehearsal: a project is released to a package index and an image registry of this machine."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest
import yaml

from devkit.tests.support.ports import free_port
from tests.support.container import succeed
from tests.support.render import BIN, by_api
from tests.support.servers import is_listening, wait_for
from tests.support.template import git

pytestmark = pytest.mark.container

REGISTRY = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {root}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@dataclass(frozen=True)
class Rehearsal:
    """What a release left behind.

    Attributes:
        project: The project, released for real on this machine.
        clone: A clone at the tag, in which the steps of the workflow's build job have run.
        uploads: What the index got from the dry run.
        image: The image in the registry.
        untouched: What `git status` and `git tag` said after the dry run.
    """

    project: Path
    clone: Path
    uploads: Path
    image: str
    untouched: str


@contextmanager
def serve(port: int, *command: object) -> Iterator[None]:
    """Run a server until the block ends."""
    with subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(lambda: is_listening(port) or server.poll() is not None)
            assert server.poll() is None, f"{command[0]} ended with exit code {server.returncode}"
            yield
        finally:
            server.terminate()


@pytest.fixture(scope="module")
def rehearsal(
    engine: docker.DockerClient, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Rehearsal]:
    """Release a project that publishes its package and its image."""
    registry = shutil.which("docker-registry")
    if registry is None:
        pytest.skip("no image registry; install it: apt-get install docker-registry")
    place = tmp_path_factory.mktemp("release")
    project = by_api(template, place, {"publish": "both"})
    git(project, "init", "--quiet", "--initial-branch=main")
    succeed(BIN / "nox", "--session=setup", cwd=project, env=_path())
    git(project, "add", "--all")
    git(project, "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message=Start")
    packages, images = free_port(), free_port()
    uploads = place / "uploads"
    uploads.mkdir()
    settings = place / "registry.yml"
    text = REGISTRY.format(root=place / "images", port=images)
    settings.write_text(text, encoding="utf-8")
    index = (BIN / "pypi-server", "run", "--interface=127.0.0.1", f"--port={packages}")
    with (
        serve(packages, *index, "-P", ".", "-a", ".", uploads),
        serve(images, registry, "serve", settings),
    ):
        repository = f"127.0.0.1:{images}/my-project"
        publish = (f"--index=http://127.0.0.1:{packages}/", f"--registry={repository}")
        anybody = {"UV_PUBLISH_USERNAME": "a", "UV_PUBLISH_PASSWORD": "b"}
        _release(project, "--dry-run", *publish, **anybody)
        untouched = git(project, "status", "--porcelain") + git(project, "tag")
        _release(project)
        clone = place / "clone" / project.name
        git(place, "clone", "--quiet", "--branch=v0.2.0", str(project), str(clone))
        _run_job(clone, "build")
        yield Rehearsal(project, clone, uploads, f"{repository}:0.2.0", untouched)
    for image in engine.images.list("my-project:0.2.0"):
        engine.images.remove(str(image.id), force=True)


def _path() -> dict[str, str]:
    return {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}


def _release(project: Path, *options: str, **environment: str) -> None:
    command = (BIN / "nox", "--session=release", "--", "0.2.0", "--skip-audit", *options)
    succeed(*command, cwd=project, env=_path() | environment)


def _run_job(clone: Path, name: str) -> None:
    """Run the steps of a job that need no forge."""
    text = (clone / ".github/workflows/release.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    environment = _path() | workflow["env"] | {"GITHUB_REF_NAME": "v0.2.0"}
    for step in workflow["jobs"][name]["steps"]:
        if "run" in step:
            succeed("bash", "-eo", "pipefail", "-c", step["run"], cwd=clone, env=environment)


def test_a_dry_run_leaves_the_project_alone(rehearsal: Rehearsal) -> None:
    assert rehearsal.untouched == ""


def test_the_release_is_tagged(rehearsal: Rehearsal) -> None:
    assert git(rehearsal.project, "tag", "--points-at", "HEAD").strip() == "v0.2.0"


@pytest.mark.parametrize("pattern", ["*.whl", "*.tar.gz"])
def test_the_job_builds_what_was_tested(rehearsal: Rehearsal, pattern: str) -> None:
    (tested,) = rehearsal.uploads.glob(pattern)
    assert (rehearsal.clone / "dist" / tested.name).read_bytes() == tested.read_bytes()


def test_the_bill_of_materials_names_a_dependency(rehearsal: Rehearsal) -> None:
    text = (rehearsal.clone / "dist/sbom.cdx.json").read_text(encoding="utf-8")
    assert "pydantic" in {component["name"] for component in json.loads(text)["components"]}


def test_the_notes_are_those_of_the_changelog(rehearsal: Rehearsal) -> None:
    notes = (rehearsal.clone / "dist/release-notes.md").read_text(encoding="utf-8")
    assert notes == "- The project is generated from its template, with readings as its example.\n"


def test_the_uploaded_wheel_runs(rehearsal: Rehearsal, tmp_path: Path) -> None:
    (wheel,) = rehearsal.uploads.glob("*.whl")
    succeed(sys.executable, "-m", "venv", tmp_path)
    succeed(tmp_path / "bin/pip", "install", "--quiet", wheel)
    assert "Usage: my-project" in succeed(tmp_path / "bin/my-project", "--help")


def test_the_pulled_image_runs(engine: docker.DockerClient, rehearsal: Rehearsal) -> None:
    engine.images.pull(rehearsal.image)
    output = engine.containers.run(rehearsal.image, ["--help"], remove=True)
    assert b"Usage: my-project" in output


def test_the_image_says_what_it_is(engine: docker.DockerClient, rehearsal: Rehearsal) -> None:
    labels = engine.images.pull(rehearsal.image).labels
    assert labels["org.opencontainers.image.version"] == "0.2.0"


def test_the_image_names_its_commit(engine: docker.DockerClient, rehearsal: Rehearsal) -> None:
    labels = engine.images.pull(rehearsal.image).labels
    assert len(labels["org.opencontainers.image.revision"]) == 40
