"""Container image: built with its labels, tested, and pushed by digest."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from hangar_devkit import pyproject
from hangar_devkit.release.process import find_engine, run
from hangar_devkit.release.project import Project
from hangar_devkit.releases import ReleaseError

TARGET = "runtime"
# What a program gets that wants nothing: no network, no rights, no place to write.
CONFINED = ("--rm", "--read-only", "--network=none", "--cap-drop=ALL")
ATTESTED = ("--provenance=mode=max", "--sbom=true")
# Attestations need a builder of their own, whose images `docker run` does not see.
BUILDER = "hangar"


def build_and_test(
    project: Project, report: Callable[[str], None], push: str = "", *, attest: bool = False
) -> str:
    """Build the runtime image of a project, run its command in it, and push it.

    Args:
        project: The project.
        report: Called with a line for each step.
        push: The repository to push to, as `registry.example.com/name`; nowhere when empty.
        attest: Push by digest, without a tag, with the provenance of the build and a bill of
            materials of the image's system packages. The tag is given to all platforms at once,
            when each of them was tested.

    Returns:
        The digest that was pushed, `sha256:...`; the image's id when nothing was pushed.

    Raises:
        ReleaseError: No engine answers, or a step fails.
    """
    engine = find_engine()
    if engine is None:
        raise ReleaseError("no container engine answers; start Docker or Podman, then run again")
    name = f"{project.name}:{project.version}"
    options = [f"--label={key}={value}" for key, value in labels(project).items()]
    report(f"build the image {name} with {engine}")
    build = ("build", f"--target={TARGET}", *options)
    # Podman gives every file the time of the commit; Docker needs a builder of its own for that.
    timestamp = [f"--timestamp={_commit_time(project.root)}"] if engine == "podman" else []
    run(engine, *build, *timestamp, f"--tag={name}", ".", cwd=project.root)
    report(f"run `--help` in {name}, without network and rights")
    test(engine, name, project.root)
    if not push:
        return run(engine, "image", "inspect", "--format={{.Id}}", name, cwd=project.root)
    report(f"push it to {push}")
    if not attest:
        digest = _push(engine, name, f"{push}:{project.version}", project.root)
    elif engine == "docker":
        digest = _push_attested([*build, *ATTESTED], push, project.root)
    else:
        raise ReleaseError("only Docker's Buildx makes attestations; run this with Docker")
    report(f"run `--help` in {push}@{digest}, as others will pull it")
    run(engine, "pull", "--quiet", f"{push}@{digest}", cwd=project.root)
    test(engine, f"{push}@{digest}", project.root)
    return digest


def labels(project: Project) -> dict[str, str]:
    """Return the OCI labels of an image.

    Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md
    """
    table = pyproject.table(project.document, "project")
    urls = pyproject.table(table, "urls")
    # The time of the commit: the same commit gives the same labels.
    commit = run("git", "log", "-1", "--format=%H %cI", cwd=project.root).split()
    found = {
        "title": project.name,
        "description": table.get("description"),
        "version": project.version,
        "licenses": table.get("license"),
        "source": urls.get("Repository"),
        "revision": commit[0],
        "created": commit[1],
    }
    return {
        f"org.opencontainers.image.{key}": value
        for key, value in found.items()
        if isinstance(value, str) and value
    }


def test(engine: str, image: str, directory: Path) -> None:
    """Run an image's command with `--help`, confined.

    Raises:
        ReleaseError: It fails.
    """
    command = (engine, "run", *CONFINED, image, "--help")
    run(*command, cwd=directory, failed=f"{image}: the command does not run in the image")


def _push(engine: str, name: str, reference: str, directory: Path) -> str:
    """Push an image with a tag; return its digest."""
    run(engine, "tag", name, reference, cwd=directory)
    refused = f"the registry does not take {reference}"
    run(engine, "push", "--quiet", reference, cwd=directory, failed=refused)
    form = "--format={{index .RepoDigests 0}}"
    return run(engine, "image", "inspect", form, reference, cwd=directory).rpartition("@")[2]


def _push_attested(build: list[str], repository: str, directory: Path) -> str:
    """Build with attestations and push by digest; return the digest.

    Every file gets the time of the commit, so that the same sources give the same layers:
    https://docs.docker.com/build/ci/github-actions/reproducible-builds/
    """
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "metadata.json"
        image = f"type=image,name={repository},push-by-digest=true,push=true"
        run(
            *(
                "docker",
                "buildx",
                *build,
                f"--builder={BUILDER}",
                f"--output={image},rewrite-timestamp=true",
            ),
            *(f"--metadata-file={file}", "."),
            cwd=directory,
            environment={"SOURCE_DATE_EPOCH": _commit_time(directory)},
        )
        return str(json.loads(file.read_text(encoding="utf-8"))["containerimage.digest"])


def _commit_time(directory: Path) -> str:
    """Return the time of the commit, in seconds of Unix time."""
    return run("git", "log", "-1", "--format=%ct", cwd=directory)
